DROP TABLE "ServiceOrder";
ALTER TABLE "ProductionOrder" DROP COLUMN "serviceContact";
