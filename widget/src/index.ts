import { Api, type OpenRequest } from './api';
import { ownScript, readOptions, type Options } from './options';
import { Origins } from './origins';
import { PageEvents, type ParlorApi } from './public_api';
import { siteLock } from './session/lock';
import { Session } from './session/session';
import { browserStorage, SiteStorage } from './session/storage';
import { keepVigil } from './session/vigil';
import { kBrowserTransports } from './transport/factories';
import { App } from './ui/app';
import { textsFor } from './ui/i18n';

declare global {
  interface Window {
    Parlor?: ParlorApi;
  }
}

function introduction(options: Options): OpenRequest {
  const name = options.name ? { name: options.name } : {};
  return {
    ...(options.department && { department: options.department }),
    visitor: {
      ...name,
      page_url: location.href.slice(0, 1024),
      page_title: document.title.slice(0, 256),
      referrer: document.referrer.slice(0, 1024),
      locale: navigator.language,
    },
  };
}

function start(options: Options): ParlorApi {
  const { site } = options;
  const events = new PageEvents();
  const storage = new SiteStorage(browserStorage('localStorage'), site);
  const tab = new SiteStorage(browserStorage('sessionStorage'), site);
  const session = new Session(
    {
      site,
      api: new Api(new Origins(options.origins)),
      storage,
      lock: siteLock(site, storage),
      transports: kBrowserTransports,
      introduction: () => introduction(options),
    },
    {
      changed: () => {
        app.update();
        tellUnread(session.view().unread);
      },
      message: (event) =>
        events.emit('message', {
          text: event.message?.text ?? '',
          name: event.from.name ?? '',
        }),
    },
  );
  let told = 0;
  const tellUnread = (unread: number) => {
    if (unread !== told) events.emit('unread', (told = unread));
  };
  const texts = textsFor(options.locale ? [options.locale] : navigator.languages);
  const title = options.title ?? texts.t('title');
  const app = new App(session, { texts, title, color: options.color });
  app.onToggle = (isOpen) => {
    tab.write('open', isOpen ? true : null);
    events.emit(isOpen ? 'open' : 'close', undefined);
  };
  window.addEventListener('storage', (event) => {
    for (const name of ['outbox', 'identity']) {
      if (event.key === storage.key(name) || event.key === null) session.storageChanged(name);
    }
  });
  session.start();
  keepVigil(session);
  whenReady(() => {
    document.body.append(app.host);
    if (tab.read('open') === true) app.open();
  });
  return {
    open: () => whenReady(() => app.open()),
    close: () => app.close(),
    on: (event, listener) => events.on(event, listener),
  };
}

function whenReady(task: () => void): void {
  if (document.body) task();
  else document.addEventListener('DOMContentLoaded', task, { once: true });
}

function main(): void {
  if (window.Parlor) return console.warn('Parlor: the widget is on this page twice.');
  const script = ownScript();
  const options = script ? readOptions(script) : 'the script tag was not found';
  if (typeof options === 'string') return console.error(`Parlor: ${options}.`);
  window.Parlor = start(options);
}

main();
