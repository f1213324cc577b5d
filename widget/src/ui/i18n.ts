import type { Lang } from '../api';

const kEnglish = {
  title: 'Chat with us',
  open: 'Open chat',
  openUnread: 'Open chat, {n} unread',
  minimise: 'Minimise chat',
  end: 'End conversation',
  endAsk: 'End this conversation?',
  endYes: 'End',
  endNo: 'Cancel',
  download: 'Download transcript',
  downloading: 'Preparing the transcript…',
  downloaded: 'The transcript has been saved',
  downloadFailed: 'No transcript: {why}',
  dismiss: 'Close',
  idle: 'Ask us anything',
  connecting: 'Connecting…',
  lost: 'No connection. Trying again…',
  offline: 'You are offline',
  waiting: 'Waiting for an agent',
  with: 'Chatting with {name}',
  ended: 'Conversation ended',
  welcome: 'Hello! How can we help?',
  welcomeMore: 'Write your question below. A real person will answer you here.',
  log: 'Messages',
  you: 'You',
  agent: 'Agent',
  joined: '{name} joined the conversation',
  closedByAgent: '{name} closed the conversation',
  closedByVisitor: 'You ended the conversation',
  closedBySystem: 'The conversation was closed',
  ratedLine: 'You rated this conversation {n} of 5',
  expired: 'Your earlier conversation has expired. Your next message starts a new one.',
  reset: 'The conversation was restored on the server. This is what it holds.',
  gap: 'Some messages cannot be shown right now. Trying again…',
  typing: '{name} is typing',
  sending: 'Sending…',
  delivered: 'Delivered',
  seen: 'Seen',
  failed: 'Not sent',
  retry: 'Try again',
  discard: 'Discard',
  endFailed: 'The conversation could not be ended',
  rateFailed: 'Your rating could not be sent',
  write: 'Write a message…',
  send: 'Send',
  tooLong: 'Too long: {n} of {max} bytes',
  nearLimit: '{n} of {max} bytes',
  rateAsk: 'How was this conversation?',
  rateScore: '{n} of 5',
  rateComment: 'Anything you would like to add? (optional)',
  rateSend: 'Send rating',
  thanks: 'Thank you for your rating!',
  startNew: 'Start a new conversation',
  newMessages: 'New messages',
  today: 'Today',
  why_closed: 'the conversation is closed',
  why_too_large: 'it is too long',
  why_rate_limited: 'too many at once, try again in a minute',
  why_unavailable: 'the service cannot be reached',
  why_malformed: 'the server did not accept it',
};

export type TextKey = keyof typeof kEnglish;

const kChinese: Record<TextKey, string> = {
  title: '在线客服',
  open: '打开聊天',
  openUnread: '打开聊天，{n} 条未读',
  minimise: '收起聊天',
  end: '结束对话',
  endAsk: '要结束本次对话吗？',
  endYes: '结束',
  endNo: '取消',
  download: '下载聊天记录',
  downloading: '正在准备聊天记录…',
  downloaded: '聊天记录已保存',
  downloadFailed: '未能下载聊天记录：{why}',
  dismiss: '关闭',
  idle: '有问题，随时问我们',
  connecting: '正在连接…',
  lost: '连接已断开，正在重试…',
  offline: '您已离线',
  waiting: '正在等待客服接入',
  with: '{name} 为您服务',
  ended: '对话已结束',
  welcome: '您好！有什么可以帮您？',
  welcomeMore: '请在下方写下您的问题，人工客服会在这里回复您。',
  log: '消息',
  you: '您',
  agent: '客服',
  joined: '{name} 已接入对话',
  closedByAgent: '{name} 结束了对话',
  closedByVisitor: '您结束了对话',
  closedBySystem: '对话已关闭',
  ratedLine: '您对本次对话的评分：{n} 分（满分 5 分）',
  expired: '之前的对话已过期，您的下一条消息将开始新的对话。',
  reset: '服务器已恢复此对话，以下为现有内容。',
  gap: '部分消息暂时无法显示，正在重试…',
  typing: '{name} 正在输入',
  sending: '发送中…',
  delivered: '已送达',
  seen: '已读',
  failed: '未发送',
  retry: '重试',
  discard: '删除',
  endFailed: '未能结束对话',
  rateFailed: '评分未能提交',
  write: '请输入消息…',
  send: '发送',
  tooLong: '内容过长：{n} / {max} 字节',
  nearLimit: '{n} / {max} 字节',
  rateAsk: '您对本次服务满意吗？',
  rateScore: '{n} 分（满分 5 分）',
  rateComment: '还有什么想说的吗？（选填）',
  rateSend: '提交评分',
  thanks: '感谢您的评价！',
  startNew: '开始新对话',
  newMessages: '有新消息',
  today: '今天',
  why_closed: '对话已关闭',
  why_too_large: '内容过长',
  why_rate_limited: '操作过于频繁，请稍候再试',
  why_unavailable: '暂时无法连接服务',
  why_malformed: '服务器未接受',
};

export interface Texts {
  lang: Lang;
  /** BCP 47, for dates and the `lang` attribute. */
  locale: string;
  /** The text, with `{name}` and the like filled in. */
  t(key: TextKey, values?: Record<string, string | number>): string;
}

/** The first of the wanted languages that we speak, else English. */
export function textsFor(wanted: readonly string[]): Texts {
  const locale = wanted.find((tag) => /^(en|zh)\b/i.test(tag)) ?? 'en';
  const table = /^zh\b/i.test(locale) ? kChinese : kEnglish;
  return {
    lang: table === kChinese ? 'zh' : 'en',
    locale: table === kChinese ? 'zh-CN' : locale,
    t: (key, values = {}) =>
      table[key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? '')),
  };
}

/** In words, why a draft failed. */
export function whyFailed(code: string): TextKey {
  switch (code) {
    case 'closed':
    case 'conflict':
      return 'why_closed';
    case 'too_large':
      return 'why_too_large';
    case 'rate_limited':
      return 'why_rate_limited';
    case 'unavailable':
    case 'overloaded':
    case 'deadline':
      return 'why_unavailable';
    default:
      return 'why_malformed';
  }
}
