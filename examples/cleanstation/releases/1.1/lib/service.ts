/** Where requests for service go. There is no default: a request that nobody reads is worse than an error. */
export function serviceMailbox() {
  const mailbox = process.env.SERVICE_ORDERS_MAILBOX;
  if (!mailbox) throw new Error('SERVICE_ORDERS_MAILBOX is not set.');
  return mailbox;
}
