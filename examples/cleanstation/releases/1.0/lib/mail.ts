import nodemailer from 'nodemailer';

const { EMAIL_SERVER_HOST, EMAIL_SERVER_PORT, EMAIL_SERVER_USER, EMAIL_SERVER_PASSWORD, EMAIL_FROM } = process.env;

export async function send(to: string, subject: string, text: string) {
  const transport = nodemailer.createTransport({
    host: EMAIL_SERVER_HOST,
    port: Number(EMAIL_SERVER_PORT),
    auth: { user: EMAIL_SERVER_USER, pass: EMAIL_SERVER_PASSWORD },
  });
  await transport.sendMail({ from: EMAIL_FROM, to, subject, text });
}
