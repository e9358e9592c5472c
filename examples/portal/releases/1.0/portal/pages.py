"""The HTML of the portal."""

from __future__ import annotations

import typing as t
from html import escape

from portal.orders import FIELDS, new_reference

if t.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portal.attachments import Attachment
    from portal.orders import Order

STYLE = """\
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #223; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ccd; }
label { display: block; margin: .6rem 0; } input { display: block; font: inherit; padding: .3rem; width: 20rem; }
.wrong { color: #a00; } footer { margin-top: 3rem; color: #778; font-size: .85rem; }
"""
LAYOUT = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>\
<link rel="stylesheet" href="/style.css"></head>
<body><nav><a href="/">New order</a> · <a href="/orders">Orders</a></nav><h1>{title}</h1>
{body}
</body></html>
"""
FORM = """\
<form method="post" action="/orders" enctype="multipart/form-data">
<input type="hidden" name="reference" value="{reference}">
{fields}
<label>Attachment (at most 5 MiB)<input type="file" name="attachment">{attachment_error}</label>
<button>Place order</button>
</form>"""


def new_order(values: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None) -> str:
    values, errors = values or {}, errors or {}
    fields = "\n".join(_field(*field, values.get(field[0], ""), errors) for field in FIELDS)
    reference = escape(values.get("reference") or new_reference())
    return _page("New order", FORM.format(reference=reference, fields=fields, attachment_error=_error("attachment", errors)))


def order_list(orders: Sequence[Order]) -> str:
    rows = "\n".join(
        f'<tr><td><a href="/orders/{order.id}">{order.number}</a></td><td>{escape(order.customer)}</td>'
        f"<td>{escape(order.item)}</td><td>{order.quantity}</td></tr>"
        for order in orders
    )
    return _page("Orders", f"<table><tr><th>Number</th><th>Customer</th><th>Item</th><th>Quantity</th></tr>\n{rows}\n</table>")


def one_order(order: Order, attachments: Sequence[Attachment]) -> str:
    rows = "\n".join(f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>" for name, value in order.as_json().items())
    files = "\n".join(
        f'<li><a href="/orders/{order.id}/attachments/{file.id}">{escape(file.filename)}</a> ({file.size} bytes)</li>'
        for file in attachments
    )
    return _page(f"Order {order.number}", f"<table>\n{rows}\n</table>\n<ul>\n{files}\n</ul>")


def message(title: str, text: str) -> str:
    return _page(escape(title), f"<p>{escape(text)}</p>")


def _page(title: str, body: str) -> str:
    return LAYOUT.format(title=title, body=body)


def _field(name: str, label: str, kind: str, value: str, errors: Mapping[str, str]) -> str:
    return f'<label>{label}<input type="{kind}" name="{name}" value="{escape(value)}">{_error(name, errors)}</label>'


def _error(name: str, errors: Mapping[str, str]) -> str:
    return f'<span class="wrong">{escape(errors[name])}</span>' if name in errors else ""
