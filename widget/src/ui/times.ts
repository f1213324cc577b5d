import type { Texts } from './i18n';

/** Times and days as the visitor writes them. */
export class Times {
  private readonly clock: Intl.DateTimeFormat;
  private readonly date: Intl.DateTimeFormat;

  constructor(private readonly texts: Texts) {
    this.clock = new Intl.DateTimeFormat(texts.locale, { hour: '2-digit', minute: '2-digit' });
    this.date = new Intl.DateTimeFormat(texts.locale, {
      weekday: 'short',
      month: 'short',
      day: 'numeric',
    });
  }

  time(at: Date): string {
    return isNaN(at.getTime()) ? '' : this.clock.format(at);
  }

  /** "Today", or the date. */
  day(at: Date): string {
    if (isNaN(at.getTime())) return '';
    const isToday = at.toDateString() === new Date().toDateString();
    return isToday ? this.texts.t('today') : this.date.format(at);
  }
}
