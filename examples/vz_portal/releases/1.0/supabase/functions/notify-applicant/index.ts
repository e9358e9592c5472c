// Tells an applicant that something happened to an application. Called by a database webhook; its secrets are the project's.
const SENDER = { email: 'noreply@vzportal.gov.nl', name: 'VZ Portal' };

Deno.serve(async (request: Request) => {
  const { record } = await request.json();
  const answer = await fetch('https://api.sendgrid.com/v3/mail/send', {
    method: 'POST',
    headers: { authorization: `Bearer ${Deno.env.get('SENDGRID_API_KEY')}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      personalizations: [{ to: [{ email: record.email }] }],
      from: SENDER,
      subject: 'Uw aanvraag',
      content: [{ type: 'text/plain', value: `Uw aanvraag ${record.id} heeft de stand ${record.status}.` }],
    }),
  });
  return new Response(null, { status: answer.ok ? 204 : 502 });
});
