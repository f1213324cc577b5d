import { parseOrigins } from './origins';

/** What a site says in its <script> tag. */
export interface Options {
  site: string;
  origins: string[];
  department?: string;
  name?: string;
  color: string | null;
  locale: string | null;
  title: string | null;
}

/** A sentence for the page's developer instead, if the tag cannot work. */
export function readOptions(script: HTMLScriptElement): Options | string {
  const { site, department, name, color, locale, title, api } = script.dataset;
  if (!site || !/^[a-z0-9-]{1,32}$/.test(site)) {
    return 'data-site must name your site: 1 to 32 of a-z, 0-9 and "-"';
  }
  const origins = parseOrigins(api ?? originOf(script.src));
  if (origins.length === 0) return 'data-api holds no http or https address';
  return {
    site,
    origins,
    ...(department && { department }),
    ...(name && { name }),
    color: color || null,
    locale: locale || null,
    title: title || null,
  };
}

function originOf(url: string): string {
  try {
    return new URL(url).origin;
  } catch {
    return '';
  }
}

/** The tag that loaded us: the running one, or, where a loader hides it, the one that fits. */
export function ownScript(): HTMLScriptElement | null {
  const running = document.currentScript;
  if (running instanceof HTMLScriptElement) return running;
  return document.querySelector<HTMLScriptElement>('script[data-site][src*="widget.js"]');
}
