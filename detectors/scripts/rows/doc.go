// Package rows says which rows a program adds, changes and removes through the object mappers and query builders of its
// language: Prisma, TypeORM, Sequelize, Knex, Kysely, Drizzle, Mongoose, Django, SQLAlchemy, Active Record, Eloquent,
// Doctrine, GORM, ent, bun, JPA, Exposed, jOOQ, Entity Framework Core, Diesel, SeaORM and the drivers of MongoDB.
//
// It reads chains of calls and a table of verbs (see mappers); a mapper more is a line more. It knows nothing of SQL text,
// of migrations, nor of what is wrong with a write.
package rows
