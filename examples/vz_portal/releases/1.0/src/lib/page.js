/** An element: attributes, then children, which are elements or text. Text is never read as HTML. */
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A table with a caption, from rows of text. */
export function table(caption, heads, rows) {
  const line = (cells, kind) => el('tr', {}, ...cells.map((cell) => el(kind, kind === 'th' ? { scope: 'col' } : {}, cell)));
  return el('table', {}, el('caption', {}, caption), el('thead', {}, line(heads, 'th')), el('tbody', {}, ...rows.map((row) => line(row, 'td'))));
}

export function show(content) {
  const place = document.getElementById('page');
  place.replaceChildren(content);
  place.focus();
}
