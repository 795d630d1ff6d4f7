'use strict';
// Without this script the page is read as it is: answers are behind "Answer".
for (const box of document.querySelectorAll('.command')) {
  const button = box.querySelector('.copy');
  box.classList.add('copies');
  button.hidden = false;
  button.addEventListener('click', async () => {
    const text = box.querySelector('code').dataset.text;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {
      const range = document.createRange();
      range.selectNodeContents(box.querySelector('code'));
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      button.textContent = 'Selected';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  });
}
for (const quiz of document.querySelectorAll('.quiz')) {
  const answering = quiz.querySelector('.answering');
  const verdict = quiz.querySelector('.verdict');
  const answer = document.getElementById(quiz.dataset.explained);
  const text = quiz.querySelector('input[type=text]');
  answering.hidden = false;
  const say = (words, kind) => { verdict.textContent = words; verdict.className = 'verdict ' + kind; };
  const check = () => {
    let right;
    if (text) {
      const given = text.value.trim();
      if (!given) { say('Type an answer first.', ''); return; }
      right = given.toLowerCase() === quiz.dataset.answer.toLowerCase();
      if (!right && quiz.dataset.accept) { right = new RegExp(quiz.dataset.accept, 'i').test(given); }
    } else {
      const chosen = [...quiz.querySelectorAll('input:checked')].map((input) => input.value);
      if (!chosen.length) { say('Choose an answer first.', ''); return; }
      right = chosen.join(',') === quiz.dataset.answer;
    }
    if (quiz.dataset.later) { say('Remember your answer. It is explained further down.', ''); return; }
    say(right ? 'Right.' : 'Not this time: see below.', right ? 'good' : 'bad');
    answer.open = true;
  };
  answering.querySelector('button').addEventListener('click', check);
  if (text) { text.addEventListener('keydown', (event) => { if (event.key === 'Enter') { check(); } }); }
}
let opened = [];
addEventListener('beforeprint', () => {
  opened = [...document.querySelectorAll('details:not([open])')];
  for (const each of opened) { each.open = true; }
});
addEventListener('afterprint', () => { for (const each of opened) { each.open = false; } });
