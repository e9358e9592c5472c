import { NextRequest } from 'next/server';
import { getToken } from 'next-auth/jwt';
import { prisma } from '@/lib/db';

type Handler = (request: NextRequest) => Promise<Response>;

/** Each change leaves an entry, those that failed too (ISO 13485). */
export function withAuditLogging(entityType: string, handler: Handler): Handler {
  return async (request) => {
    const token = await getToken({ req: request });
    const entry = { userId: token?.sub ?? 'anonymous', action: `${request.method} ${request.nextUrl.pathname}`, entityType };
    try {
      const response = await handler(request);
      await prisma.auditLog.create({ data: { ...entry, status: response.status } });
      return response;
    } catch (error) {
      await prisma.auditLog.create({ data: { ...entry, status: 500, comments: String(error) } });
      throw error;
    }
  };
}
