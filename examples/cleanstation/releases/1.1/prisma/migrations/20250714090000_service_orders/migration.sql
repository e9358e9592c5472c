-- CreateTable
CREATE TABLE "ServiceOrder" (
    "id" TEXT NOT NULL DEFAULT gen_random_uuid()::text,
    "partId" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,
    "requestedBy" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ServiceOrder_pkey" PRIMARY KEY ("id")
);

-- AlterTable
ALTER TABLE "ProductionOrder" ADD COLUMN     "serviceContact" TEXT;

-- AddForeignKey
ALTER TABLE "ServiceOrder" ADD CONSTRAINT "ServiceOrder_partId_fkey" FOREIGN KEY ("partId") REFERENCES "Part"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
