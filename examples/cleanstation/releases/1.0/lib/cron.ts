type Handler = () => Promise<Response>;

/** Vercel sends CRON_SECRET with its own calls; nobody else may start these jobs. */
export function onlyVercelsCron(handler: Handler) {
  return async (request: Request) => {
    const secret = process.env.CRON_SECRET;
    const allowed = secret !== undefined && request.headers.get('authorization') === `Bearer ${secret}`;
    return allowed ? handler() : new Response('Unauthorized', { status: 401 });
  };
}
