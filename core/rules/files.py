"""What may be attached: the type is decided by content and by name, and both must agree."""

from __future__ import annotations

from core.rules.errors import DomainError

MAX_BYTES = 10 * 1024 * 1024

# Ending → (content type, what the content begins with).
ALLOWED: dict[str, tuple[str, tuple[bytes, ...]]] = {
    ".pdf": ("application/pdf", (b"%PDF-",)),
    ".png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    ".jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (b"PK\x03\x04",)),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (b"PK\x03\x04",)),
}


def content_type_of(*, name: str, head: bytes, size: int) -> str:
    """The content type of an acceptable file, from its name and its first bytes (16 or more).

    Raises DomainError, naming the file and what to do, for another type, a type that differs from the
    name, an empty or a too large file.
    """
    shown = f"附件“{name}”"
    dot = name.rfind(".")
    ending = name[dot:].lower() if dot > 0 else ""
    if ending not in ALLOWED:
        raise DomainError(f"{shown}的类型不能上传。请转成 PDF、PNG、JPG、DOCX 或 XLSX。", field="evidence")
    if size == 0:
        raise DomainError(f"{shown}是空文件，请重新选择。", field="evidence")
    if size > MAX_BYTES:
        raise DomainError(
            f"{shown}有 {size / 1048576:.1f} MB，超过 10 MB。请压缩或拆分后上传。", field="evidence"
        )
    content_type, signatures = ALLOWED[ending]
    if not head.startswith(signatures):
        raise DomainError(
            f"{shown}的内容与扩展名 {ending} 不符，可能已损坏。请用原程序另存后上传。", field="evidence"
        )
    return content_type
