/** Questions to a page in the browser. Each is an expression whose answer is a list of what is wrong. */

/** What somebody who hears a page instead of seeing it, or who has no mouse, would miss. */
export const accessibilityProblems = `(() => {
  const wrong = [];
  const each = (selector, check) => document.querySelectorAll(selector).forEach((element) => {
    const problem = check(element);
    if (problem) wrong.push(problem + ': ' + element.outerHTML.slice(0, 120));
  });
  const one = (selector) => { if (document.querySelectorAll(selector).length !== 1) wrong.push('not one ' + selector); };
  ['h1', 'main', 'header', 'footer', 'nav[aria-label]', 'html[lang]', 'head > title', 'a.skip'].forEach(one);
  each('table', (table) => table.caption === null && 'no caption');
  each('th', (cell) => !cell.hasAttribute('scope') && 'no scope');
  each('th', (cell) => cell.textContent.trim() === '' && 'a heading without text');
  each('section', (section) => {
    const label = document.getElementById(section.getAttribute('aria-labelledby'));
    return label === null && 'no heading';
  });
  each('svg:not([aria-hidden])', (svg) => {
    const names = (svg.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id));
    return (svg.getAttribute('role') !== 'img' || names.some((name) => !name?.textContent.trim())) && 'no text alternative';
  });
  each('.scroll', (area) => (area.tabIndex !== 0 || !area.getAttribute('aria-label')) && 'cannot be scrolled by key');
  each('a[href^="#"]', (link) => document.getElementById(link.hash.slice(1)) === null && 'leads nowhere');
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  ids.filter((id, index) => ids.indexOf(id) !== index).forEach((id) => wrong.push('twice: #' + id));
  let level = 0;
  each('h1, h2, h3, h4', (heading) => {
    const own = Number(heading.tagName[1]);
    const skips = own > level + 1 && !heading.closest('details');
    level = own;
    return skips && 'skips a level';
  });
  return wrong;
})()`;

/** Text with less contrast than WCAG 2.2 AA asks for: 4.5, or 3 for large text. */
export const contrastProblems = `(() => {
  const parse = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const over = (top, bottom) => ({
    r: top.r * top.a + bottom.r * (1 - top.a),
    g: top.g * top.a + bottom.g * (1 - top.a),
    b: top.b * top.a + bottom.b * (1 - top.a),
    a: 1,
  });
  const background = (element) => {
    if (element === null) return { r: 255, g: 255, b: 255, a: 1 };
    const own = parse(getComputedStyle(element).backgroundColor);
    return own.a === 1 ? own : over(own, background(element.parentElement));
  };
  const luminance = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const wrong = new Set();
  document.querySelectorAll('body *:not(svg, svg *)').forEach((element) => {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
    if (!hasText || element.classList.contains('hidden') || element.classList.contains('skip')) return;
    const style = getComputedStyle(element);
    const below = background(element);
    const [light, dark] = [luminance(over(parse(style.color), below)), luminance(below)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) wrong.add(ratio.toFixed(2) + ' ' + element.tagName + '.' + element.className);
  });
  return [...wrong];
})()`;

/** Signs that log text became more than text. */
export const injectionProblems = `(() => {
  const wrong = [];
  if (window.ran !== undefined) wrong.push('a script ran');
  if (document.scripts.length > 0) wrong.push('there is a script element');
  if (document.querySelectorAll('style').length !== 1) wrong.push('there is another style sheet');
  if (document.querySelectorAll('base, iframe, object, embed, img, form, link, video, meta[http-equiv="refresh"]').length > 0) wrong.push('there is an element that is not ours');
  document.querySelectorAll('*').forEach((element) => {
    for (const { name, value } of element.attributes) {
      if (name.startsWith('on') || name === 'style' || /^\\s*javascript:/i.test(value)) wrong.push(name + ' of ' + element.tagName);
      if (name === 'href' && !value.startsWith('#')) wrong.push('a link to ' + value);
    }
  });
  if (/[\\u0000-\\u0008\\u200b-\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ufeff]/.test(document.documentElement.textContent)) wrong.push('an invisible or directional character');
  if (getComputedStyle(document.body).display === 'none') wrong.push('the page is hidden');
  return wrong;
})()`;
