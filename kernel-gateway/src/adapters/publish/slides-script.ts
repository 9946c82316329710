/** What moves published slides: arrow keys, Page Up and Down (a clicker sends these), Home, End, the buttons; the place is kept in the address. */
export const slidesScript = `
const slides = [...document.querySelectorAll('.slide')];
const place = document.getElementById('place');
let at = -1;
function show(index) {
  const next = Math.min(Math.max(index, 0), slides.length - 1);
  if (next === at || slides.length === 0) return;
  slides[at]?.classList.remove('shown');
  at = next;
  slides[at].classList.add('shown');
  place.textContent = (at + 1) + ' / ' + slides.length;
  history.replaceState(null, '', '#slide-' + (at + 1));
}
const steps = { ArrowRight: 1, PageDown: 1, ' ': 1, ArrowLeft: -1, PageUp: -1, Home: -Infinity, End: Infinity };
addEventListener('keydown', event => {
  const step = steps[event.key];
  if (step === undefined || event.ctrlKey || event.altKey || event.metaKey || event.target.closest('button, summary')) return;
  event.preventDefault();
  show(at + step);
});
document.getElementById('previous').addEventListener('click', () => show(at - 1));
document.getElementById('next').addEventListener('click', () => show(at + 1));
addEventListener('hashchange', () => show(Number(location.hash.slice(7)) - 1));
show((Number(location.hash.slice(7)) || 1) - 1);
`;
