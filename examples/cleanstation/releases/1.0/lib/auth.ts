import type { NextAuthOptions } from 'next-auth';
import EmailProvider from 'next-auth/providers/email';

const { EMAIL_SERVER_HOST, EMAIL_SERVER_PORT, EMAIL_SERVER_USER, EMAIL_SERVER_PASSWORD, EMAIL_FROM } = process.env;

export const options: NextAuthOptions = {
  providers: [
    EmailProvider({
      server: { host: EMAIL_SERVER_HOST, port: Number(EMAIL_SERVER_PORT), auth: { user: EMAIL_SERVER_USER, pass: EMAIL_SERVER_PASSWORD } },
      from: EMAIL_FROM,
    }),
  ],
  session: { strategy: 'jwt' },
};
