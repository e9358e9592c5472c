import { PrismaClient } from '@prisma/client';

const kept = globalThis as unknown as { prisma?: PrismaClient };

/** One client for each function: `next dev` loads this file again and again. */
export const prisma = (kept.prisma ??= new PrismaClient());
