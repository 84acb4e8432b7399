"""Make conduct/documents/letter.docx anew: the Word template of the supervision letter.

The office may then change its fixed text in Word; the {{ … }} places are filled by the system.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

TARGET = Path(__file__).resolve().parent.parent / "conduct/documents/letter.docx"
BODY, TITLE, HEAD = "仿宋_GB2312", "方正小标宋简体", "黑体"
RED = RGBColor(0xD7, 0x00, 0x0F)
COLUMNS = (
    ("序号", "{{ item.order }}", 12),
    ("整改事项", "{{ item.what }}", 46),
    ("责任单位", "{{ item.unit }}", 26),
    ("责任人", "{{ item.cadre }}", 17),
    ("完成标准", "{{ item.standard }}", 35),
    ("时限", "{{ item.due }}", 20),
)


def say(
    where: Any, text: str, *, font: str = BODY, size: float = 16, bold: bool = False, red: bool = False
) -> Any:
    """Add a run with a Chinese font."""
    run = where.add_run(text)
    run.font.size, run.font.name, run.bold = Pt(size), font, bold
    run._element.rPr.rFonts.set(qn("w:eastAsia"), font)
    if red:
        run.font.color.rgb = RED
    return run


def paragraph(document: Any, text: str, *, align: Any = None, indent: bool = True, **look: Any) -> Any:
    """A paragraph of body text, two characters in from the left unless told otherwise."""
    made = document.add_paragraph()
    made.paragraph_format.line_spacing = Pt(28)
    made.paragraph_format.space_after = Pt(0)
    if align is not None:
        made.alignment = align
    elif indent:
        made.paragraph_format.first_line_indent = Pt(32)
    say(made, text, **look)
    return made


def red_rule(made: Any) -> None:
    """A red line under a paragraph."""
    borders = OxmlElement("w:pBdr")
    line = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "12"), ("space", "6"), ("color", "D7000F")):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    made._element.get_or_add_pPr().append(borders)


def row_of(table: Any, texts: list[str], *, size: float = 12, bold: bool = False) -> None:
    """A table row; a text alone is a docxtpl control row."""
    cells = table.add_row().cells
    for cell, text in zip(cells, texts, strict=False):
        say(cell.paragraphs[0], text, size=size, bold=bold)


def build() -> Any:
    """The whole template."""
    document = Document()
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = (
        Mm(37), Mm(35), Mm(28), Mm(26),
    )  # fmt: skip
    centre, right = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
    paragraph(document, "{%p if draft %}")
    paragraph(document, "{{ mark }}", align=right, font=HEAD, red=True)
    paragraph(document, "{%p endif %}")
    head = paragraph(document, "{{ issuer }}", align=centre, font=TITLE, size=34, bold=True, red=True)
    head.paragraph_format.line_spacing = Pt(48)
    red_rule(paragraph(document, "{{ number }}", align=centre))
    paragraph(document, "")
    title = paragraph(document, "{{ title }}", align=centre, font=TITLE, size=22, bold=True)
    title.paragraph_format.line_spacing = Pt(34)
    paragraph(document, "{{ unit }}：", indent=False)
    paragraph(document, "一、问题", font=HEAD)
    paragraph(document, "{%p for line in matter %}")
    paragraph(document, "{{ line }}")
    paragraph(document, "{%p endfor %}")
    paragraph(document, "{%p if basis %}")
    paragraph(document, "依据：{{ basis }}")
    paragraph(document, "{%p endif %}")
    paragraph(document, "二、督办要求", font=HEAD)
    paragraph(document, "请对照下列清单逐项整改，按时限完成：")
    table = document.add_table(rows=0, cols=len(COLUMNS))
    table.style = "Table Grid"
    row_of(table, [name for name, _, _ in COLUMNS], bold=True)
    row_of(table, ["{%tr for item in items %}"])
    row_of(table, [text for _, text, _ in COLUMNS])
    row_of(table, ["{%tr endfor %}"])
    for row in table.rows:
        for cell, (_, _, width) in zip(row.cells, COLUMNS, strict=True):
            cell.width = Mm(width)
    paragraph(document, "三、反馈要求", font=HEAD)
    paragraph(
        document,
        "请收函后及时签收并报送整改方案；各项整改完成后，经主要负责人审定，在时限内书面反馈整改情况。"
        "能说明结果的材料随附，不要求另行制作台账。",
    )
    paragraph(document, "四、逾期后果", font=HEAD)
    paragraph(
        document,
        "逾期未整改的，先行催办；经两次催办、约谈后仍拒不整改的，按“对抗监督拒不整改”情形研究启动问责。",
    )
    paragraph(document, "联系人及电话：{{ contact }}")
    paragraph(document, "")
    for text in ("{{ issuer }}", "{{ date }}"):
        signed = paragraph(document, text, align=right)
        signed.paragraph_format.right_indent = Pt(32)
    paragraph(document, "{%p if cc %}")
    paragraph(document, "抄送：{{ cc }}", indent=False, size=14)
    paragraph(document, "{%p endif %}")
    document.add_page_break()  # type: ignore[no-untyped-call]
    paragraph(document, "送达回证", align=centre, font=TITLE, size=22, bold=True)
    slip = document.add_table(rows=0, cols=2)
    slip.style = "Table Grid"
    for name, text in (
        ("发文机关", "{{ issuer }}"), ("文书名称", "{{ title }}"), ("文号", "{{ number }}"),
        ("受送达单位", "{{ unit }}"), ("签收人", "{{ received_by }}"), ("签收时间", "{{ received_at }}"),
        ("备注", ""),
    ):  # fmt: skip
        row_of(slip, [name, text], size=14)
    for row in slip.rows:
        row.height = Mm(14)
        row.cells[0].width, row.cells[1].width = Mm(38), Mm(118)
    return document


if __name__ == "__main__":
    build().save(str(TARGET))
