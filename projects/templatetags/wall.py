"""Draws the timelines of the wall. Places are percent of the width (`rules.wall`), so one drawing fits a
phone, a desk, paper and a big screen; lamps look as `projects/wall_marks.html` and `wall.css` say.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from projects.choices import Light
from projects.rules.wall import Lane, Mark, Money, Tick

register = template.Library()

NARROW = 4.0
"""A part of the axis of less percent has no room for its words."""
FLAG = 6.0
"""Half the width of today's flag and of a year's words, in percent."""
_SIDES = {"before": "（在图左边以外）", "after": "（在图右边以外）", "inside": ""}


@register.filter
def light_word(light: str) -> str:
    """The word of a light: RED → 逾期."""
    return str(Light(light).label)


@register.simple_tag
def wall_lane(lane: Lane, name: str) -> SafeString:
    """The lamps of one project on their line. To a screen reader it is one picture that tells every node."""
    return format_html(
        '<svg class="wall-lane" role="img" aria-label="{}"><use href="#wall-grid"/>{}{}</svg>',
        f"{name}：{_in_words(lane)}",
        _line("wall-track", lane.start, lane.end),
        format_html_join("", "{}", ((_mark(mark),) for mark in lane.marks)),
    )


def _in_words(lane: Lane) -> str:
    told = [f"{mark.node.name} {mark.node.reason}" for mark in lane.marks]
    if lane.before:
        told.append(f"此前已完成 {lane.before} 个节点")
    if lane.undated:
        told.append(f"{lane.undated} 个节点未定日期")
    return "；".join(told) or "没有节点"


def _line(kind: str, start: float | None, end: float | None) -> SafeString:
    if start is None or end is None or start == end:
        return SafeString("")
    return format_html('<line class="{}" x1="{}%" x2="{}%" y1="62%" y2="62%"/>', kind, start, end)


def _mark(mark: Mark) -> SafeString:
    node = mark.node
    return format_html(
        "{}{}{}<g><title>{}</title>{}{}{}</g>{}",
        _line("wall-late", mark.at, mark.late_to),
        _line("wall-slip", mark.ghost_at, mark.at),
        _line("wall-expect", mark.at, mark.expect_to),
        _title(mark),
        _lamp("ghost", mark.ghost_at),
        _lamp("forecast", mark.forecast_at),
        _lamp(mark.shape.lower(), mark.at),
        format_html(
            '<text class="wall-word wall-word-{}" x="{}%" y="26%">{}</text>', *_word(mark, node.short)
        )
        if mark.label_at is not None
        else "",
    )


def _word(mark: Mark, short: str) -> tuple[str, float | None, str]:
    arrow = {"before": f"‹{short}", "after": f"{short}›", "inside": short}[mark.side]
    return mark.shape.lower(), mark.label_at, arrow


def _lamp(kind: str, at: float | None) -> SafeString:
    if at is None:
        return SafeString("")
    return format_html(
        '<use class="wall-mark" href="#wall-{}" x="{}%" y="62%" width="1.25em" height="1.25em"/>', kind, at
    )


def _title(mark: Mark) -> str:
    """What the pointer is told: the reason, and the three dates where they differ."""
    node = mark.node
    parts = [f"{node.name}：{node.reason}{_SIDES[mark.side]}"]
    if node.baseline_on and node.baseline_on != node.planned_on:
        parts.append(f"原定 {node.baseline_on}")
    if node.forecast_on and node.done_on is None and node.forecast_on != node.planned_on:
        parts.append(f"预计 {node.forecast_on}")
    return "，".join(parts)


@register.simple_tag
def wall_axis(
    ticks: Sequence[Tick], years: Sequence[Tick], today_at: float | None, today: date
) -> SafeString:
    """The head of the timeline: years above, months or quarters below, today as a flag."""
    return format_html(
        '<svg class="wall-axis" role="img" aria-label="时间轴：{}">{}{}{}</svg>',
        _span(ticks, years),
        format_html_join(
            "",
            '<text class="wall-year" x="{}%" y="32%">{}</text>',
            ((year.at, year.label) for year in years if year.width > NARROW and not _hidden(year, today_at)),
        ),
        format_html_join(
            "",
            '<text class="wall-tick" x="{}%" y="82%">{}</text>',
            ((round(tick.at + tick.width / 2, 2), tick.label) for tick in ticks if tick.width > NARROW),
        ),
        ""
        if today_at is None
        else format_html(
            '<text class="wall-today-word" x="{}%" y="32%" text-anchor="{}">今天 {}</text>',
            today_at,
            "start" if today_at < 8 else "end" if today_at > 92 else "middle",
            f"{today.month}-{today.day:02}",
        ),
    )


def _hidden(year: Tick, today_at: float | None) -> bool:
    """Whether the flag of today would stand on the year's words, which begin where the year does."""
    return today_at is not None and year.at - FLAG < today_at < year.at + 2 * FLAG


def _span(ticks: Sequence[Tick], years: Sequence[Tick]) -> str:
    return f"{years[0].label}{ticks[0].label} 至 {years[-1].label}{ticks[-1].label}"


@register.simple_tag
def wall_grid(ticks: Sequence[Tick], today_at: float | None) -> SafeString:
    """Behind the lamps of every lane: where a month begins, where a year does (stronger), today."""
    return format_html(
        '<symbol id="wall-grid">{}{}</symbol>',
        format_html_join(
            "",
            '<line class="{}" x1="{}%" x2="{}%" y1="0" y2="100%"/>',
            (("wall-line-year" if t.is_year else "wall-line", t.at, t.at) for t in ticks if t.at > 0),
        ),
        ""
        if today_at is None
        else format_html('<line class="wall-today" x1="{0}%" x2="{0}%" y1="0" y2="100%"/>', today_at),
    )


@register.simple_tag
def wall_money(money: Money, elapsed: Decimal | None) -> SafeString:
    """A bar of what was done of what was planned, with a line for how much of the year is over (percent)."""
    share = money.share
    if share is None:
        return SafeString("")
    return format_html(
        '<svg class="wall-money" aria-hidden="true">'
        '<rect class="wall-money-plan" width="100%" height="100%"/>'
        '<rect class="wall-money-done{}" width="{}%" height="100%"/>{}</svg>',
        "" if elapsed is None or share >= elapsed else " wall-money-behind",
        min(share, Decimal(100)),
        ""
        if elapsed is None
        else format_html('<line class="wall-money-time" x1="{0}%" x2="{0}%" y1="0" y2="100%"/>', elapsed),
    )
