package rows

// The verbs of object mappers and query builders.

import (
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// target says where a chain names what it writes to.
type target int

const (
	ofChain    target = iota // the links before the verb
	ofRoot                   // the first link
	ofArgument               // the verb's first argument
	ofNew                    // the type of the row that the argument is
)

// scope says where a chain says which rows are meant.
type scope int

const (
	byChain   scope = iota // any link that is not known to leave the rows as they are
	byFilter               // the first argument
	byFilter1              // the second argument
	byWhere                // where: in an object of options
	always0                // nowhere: the verb is about every row
)

// mapper is one way of a mapper to write rows.
type mapper struct {
	lang string
	verb *lazy.Regexp
	do   Kind
	// before and after are matched against the names of the links on either side of the verb, joined by dots; shape
	// against the text of its arguments; file is a text that the file has to hold; nil and empty for any.
	before, after, shape *lazy.Regexp
	file                 string
	target               target
	scope                scope
	// guarded: the verb itself makes no second row. needs: without it the mapper refuses to write every row.
	guarded bool
	needs   *lazy.Regexp
}

// The languages of the table; JavaScript and TypeScript are one.
const (
	js     = "js"
	python = "python"
	ruby   = "ruby"
	php    = "php"
	golang = "go"
	jvm    = "jvm"
	csharp = "csharp"
	rust   = "rust"
)

func dialectOf(l source.Language) string {
	switch l {
	case source.JavaScript, source.TypeScript:
		return js
	case source.Java, source.Kotlin:
		return jvm
	default:
		return string(l)
	}
}

var (
	model      = lazy.New(`^\\?(?:\w+\\)*[A-Z]\w*(\.|$)`)
	modelAlone = lazy.New(`^((db|models|this|app|self)\.)*[A-Z]\w*$`)
	modelNext  = lazy.New(`(^|\.)[A-Z]\w*$`)
	database   = lazy.New(`(?i)^(this\.|self\.|ctx\.|_)*(db|tx|trx|database|conn|connection|drizzle|dataSource|appdatasource|em|entityManager|manager|qb|\w*db)(\.\w+)?$`)
	knexRoot   = lazy.New(`(?i)^(this\.|_)*(knex|trx|tx|db|conn|database|pg|mysql)(\.|$)`)
	repository = lazy.New(`(?i)(^|\.)_?\w*(repo|repository|dao)$|getRepository$|get_repository$`)
	stored     = lazy.New(`(?i)(^|\.)(_?\w*(repo|repository|dao)|em|entityManager|entity_manager|manager|session|\w*s)$`)
	session    = lazy.New(`(?i)(^|\.)_?(session|db|s|sess|db_session|em|entityManager|manager)$`)
	gormRoot   = lazy.New(`(?i)^(\w+\.)*(db|tx|gdb|conn|orm|\w*DB)(\.|$)`)
	dbSet      = lazy.New(`(?i)^(this\.)?_?(\w*(db|context|ctx|uow))(\.[A-Z]\w*)?$`)
	runs       = lazy.New(`(^|\.)(execute\w*|exec|Exec\w*|Save\w*|run)$`)
	rowShape   = lazy.New(`^\s*[\[{]`)
	hasData    = lazy.New(`\bdata\s*[:,}]`)
	hasWhere   = lazy.New(`\bwhere\b|\btruncate\s*:`)
	anyShape   = lazy.New(`\S`)
	nothing    = lazy.New(`^\s*$`)
	freshRow   = lazy.New(`^\s*(await\s+)?(new\s|[\w.]+\.create\(|\[?\s*\{)`)
	allowed    = lazy.New(`AllowGlobalUpdate|["'\x60]\s*(1\s*=\s*1|true)\s*["'\x60]`)
	plural     = lazy.New(`(^|\.)[a-z_]\w*s$`)
)

var mappers = []mapper{
	// Prisma, Mongoose and the driver of MongoDB share their verbs.
	{lang: js, verb: lazy.New(`^updateMany(AndReturn)?$`), do: Update, scope: byFilter, shape: anyShape},
	{lang: js, verb: lazy.New(`^deleteMany$`), do: Delete, scope: byFilter},
	{lang: js, verb: lazy.New(`^(create|createMany|createManyAndReturn)$`), do: Insert, shape: hasData},
	{lang: js, verb: lazy.New(`^(insertOne|insertMany)$`), do: Insert},
	{lang: js, verb: lazy.New(`^(create|bulkCreate)$`), do: Insert, before: modelAlone, target: ofChain, shape: rowShape},
	{lang: js, verb: lazy.New(`^update$`), do: Update, before: modelAlone, scope: byFilter1, shape: hasWhere},
	{lang: js, verb: lazy.New(`^destroy$`), do: Delete, before: modelAlone, scope: byWhere, shape: hasWhere},
	{lang: js, verb: lazy.New(`^(increment|decrement)$`), do: Update, before: modelAlone, scope: byWhere},
	// Drizzle and TypeORM's query builder.
	{lang: js, verb: lazy.New(`^update$`), do: Update, after: lazy.New(`^set\b`), target: ofArgument, shape: anyShape},
	{lang: js, verb: lazy.New(`^delete$`), do: Delete, after: lazy.New(`^from\b`)},
	{lang: js, verb: lazy.New(`^delete$`), do: Delete, before: database, target: ofArgument, shape: lazy.New(`^\s*(\w+\.)?[a-z]\w*\s*$`), file: "drizzle"},
	{lang: js, verb: lazy.New(`^delete$`), do: Delete, before: database, target: ofArgument, shape: lazy.New(`^\s*(\w+\.)?[a-z]\w*\s*$`), file: "schema"},
	{lang: js, verb: lazy.New(`^insert$`), do: Insert, after: lazy.New(`^values\b`), target: ofArgument, shape: anyShape},
	{lang: js, verb: lazy.New(`^updateTable$`), do: Update, target: ofArgument},
	{lang: js, verb: lazy.New(`^deleteFrom$`), do: Delete, target: ofArgument},
	{lang: js, verb: lazy.New(`^insertInto$`), do: Insert, target: ofArgument},
	{lang: js, verb: lazy.New(`^update$`), do: Update, before: repository, scope: byFilter},
	{lang: js, verb: lazy.New(`^delete$`), do: Delete, before: repository, scope: byFilter, shape: lazy.New(`^\{`)},
	{lang: js, verb: lazy.New(`^(clear|deleteAll)$`), do: Delete, before: repository, scope: always0},
	{lang: js, verb: lazy.New(`^(increment|decrement)$`), do: Update, before: repository, scope: byFilter},
	{lang: js, verb: lazy.New(`^(insert|save)$`), do: Insert, before: repository, shape: freshRow},
	{lang: js, verb: lazy.New(`^nativeUpdate$`), do: Update, target: ofArgument, scope: byFilter1},
	{lang: js, verb: lazy.New(`^nativeDelete$`), do: Delete, target: ofArgument, scope: byFilter1},
	// Knex and Supabase.
	{lang: js, verb: lazy.New(`^update$`), do: Update, before: lazy.New(`(^|\.)from$`)},
	{lang: js, verb: lazy.New(`^delete$`), do: Delete, before: lazy.New(`(^|\.)from$`)},
	{lang: js, verb: lazy.New(`^insert$`), do: Insert, before: lazy.New(`(^|\.)from$`)},
	{lang: js, verb: lazy.New(`^(update|increment|decrement)$`), do: Update, before: knexRoot, shape: anyShape},
	{lang: js, verb: lazy.New(`^(del|delete|truncate)$`), do: Delete, before: knexRoot, shape: nothing},
	{lang: js, verb: lazy.New(`^insert$`), do: Insert, before: knexRoot, shape: anyShape},
	{lang: js, verb: lazy.New(`^add$`), do: Insert, before: lazy.New(`collection$`), shape: rowShape},

	{lang: python, verb: lazy.New(`^a?update$`), do: Update, before: lazy.New(`(^|\.)(objects|_default_manager|_base_manager)(\.|$)`)},
	{lang: python, verb: lazy.New(`^a?delete$`), do: Delete, before: lazy.New(`(^|\.)(objects|_default_manager|_base_manager)(\.|$)`)},
	{lang: python, verb: lazy.New(`^a?(create|bulk_create)$`), do: Insert, before: lazy.New(`(^|\.)(objects|_default_manager)$`)},
	{lang: python, verb: lazy.New(`^update$`), do: Update, before: lazy.New(`(^|\.)query(\.|$)`)},
	{lang: python, verb: lazy.New(`^delete$`), do: Delete, before: lazy.New(`(^|\.)query(\.|$)`)},
	{lang: python, verb: lazy.New(`^(sa_)?update$`), do: Update, before: lazy.New(`^(sa|sqlalchemy)?$`), target: ofArgument, after: lazy.New(`\bvalues\b`), file: "sqlalchemy"},
	{lang: python, verb: lazy.New(`^(sa_)?delete$`), do: Delete, before: lazy.New(`^(sa|sqlalchemy)?$`), target: ofArgument, shape: lazy.New(`^[A-Z]`), file: "sqlalchemy"},
	{lang: python, verb: lazy.New(`^(pg_|sa_)?insert$`), do: Insert, before: lazy.New(`^(sa|sqlalchemy|postgresql)?$`), target: ofArgument, shape: lazy.New(`^[\w.]+$`), file: "sqlalchemy"},
	{lang: python, verb: lazy.New(`^update$`), do: Update, before: lazy.New(`^[\w.]*\b[A-Z]\w*(\.__table__)?$`), after: lazy.New(`^(values|execute)`)},
	{lang: python, verb: lazy.New(`^delete$`), do: Delete, before: lazy.New(`^[A-Z]\w*$`), after: lazy.New(`^execute`)},
	{lang: python, verb: lazy.New(`^(add|merge)$`), do: Insert, before: session, target: ofNew, shape: anyShape},
	{lang: python, verb: lazy.New(`^(add_all|bulk_save_objects)$`), do: Insert, before: session, target: ofNew},
	{lang: python, verb: lazy.New(`^bulk_insert_mappings$`), do: Insert, target: ofArgument},
	{lang: python, verb: lazy.New(`^update_many$`), do: Update, scope: byFilter},
	{lang: python, verb: lazy.New(`^delete_many$`), do: Delete, scope: byFilter},
	{lang: python, verb: lazy.New(`^(insert_one|insert_many)$`), do: Insert},
	{lang: python, verb: lazy.New(`^save$`), do: Insert, before: lazy.New(`^[A-Z]\w*$`), target: ofRoot},

	{lang: ruby, verb: lazy.New(`^update_all$`), do: Update, before: model},
	{lang: ruby, verb: lazy.New(`^(delete_all|destroy_all)$`), do: Delete, before: model},
	{lang: ruby, verb: lazy.New(`^update_counters$`), do: Update, before: model},
	{lang: ruby, verb: lazy.New(`^(create!?|insert!|insert_all!)$`), do: Insert, before: lazy.New(`(^|\.)[A-Z]\w*$`)},
	{lang: ruby, verb: lazy.New(`^(create!?|insert!|insert_all!)$`), do: Insert, before: plural, shape: anyShape},
	{lang: ruby, verb: lazy.New(`^save!?$`), do: Insert, before: lazy.New(`^[A-Z]\w*\.new$`), target: ofRoot},

	{lang: php, verb: lazy.New(`^update$`), do: Update, before: lazy.New(`^(\\?(?:\w+\\)*[A-Z]\w*)(\.|$)`), shape: rowShape},
	{lang: php, verb: lazy.New(`^(delete|forceDelete|truncate)$`), do: Delete, before: lazy.New(`^(\\?(?:\w+\\)*[A-Z]\w*)(\.|$)`), shape: nothing},
	{lang: php, verb: lazy.New(`^(increment|decrement)$`), do: Update, before: lazy.New(`^(\\?(?:\w+\\)*[A-Z]\w*)\.`)},
	{lang: php, verb: lazy.New(`^(create|insert|forceCreate|insertGetId|createMany)$`), do: Insert, before: lazy.New(`^(\\?(?:\w+\\)*[A-Z]\w*)(\.|$)`), shape: lazy.New(`^\s*[\[$]`)},
	{lang: php, verb: lazy.New(`^(create|createMany)$`), do: Insert, before: lazy.New(`^(\$this\.)?\$\w+\.\w+s$`), shape: rowShape},
	{lang: php, verb: lazy.New(`^persist$`), do: Insert, target: ofNew},
	{lang: php, verb: lazy.New(`^insert$`), do: Insert, before: lazy.New(`(?i)(^|\.)\$?(conn|connection|db|dbal)\w*$`), target: ofArgument, shape: quotedName},

	{lang: golang, verb: lazy.New(`^(Update|Updates|UpdateColumn|UpdateColumns)$`), do: Update, before: lazy.New(`(^|\.)(Model|Table)(\.|$)`), needs: allowed},
	{lang: golang, verb: lazy.New(`^Delete$`), do: Delete, before: gormRoot, target: ofArgument, shape: lazy.New(`^[&(\[]`), needs: allowed},
	{lang: golang, verb: lazy.New(`^(Create|CreateInBatches)$`), do: Insert, before: gormRoot, target: ofNew, shape: anyShape},
	{lang: golang, verb: lazy.New(`^UpdateMany$`), do: Update, scope: byFilter},
	{lang: golang, verb: lazy.New(`^DeleteMany$`), do: Delete, scope: byFilter},
	{lang: golang, verb: lazy.New(`^(InsertOne|InsertMany)$`), do: Insert},
	{lang: golang, verb: lazy.New(`^Update$`), do: Update, before: modelNext, after: lazy.New(`(^|\.)(Save|Exec)X?$`), shape: nothing},
	{lang: golang, verb: lazy.New(`^Delete$`), do: Delete, before: modelNext, after: lazy.New(`(^|\.)ExecX?$`), shape: nothing},
	{lang: golang, verb: lazy.New(`^Create$`), do: Insert, before: modelNext, after: lazy.New(`(^|\.)SaveX?$`), shape: nothing},
	{lang: golang, verb: lazy.New(`^Update$`), do: Update, target: ofArgument, shape: quotedName, after: lazy.New(`^Set`)},
	{lang: golang, verb: lazy.New(`^Delete$`), do: Delete, target: ofArgument, shape: quotedName, before: lazy.New(`(?i)(sq|squirrel|psql|builder|qb|goqu)$`)},
	{lang: golang, verb: lazy.New(`^Insert$`), do: Insert, target: ofArgument, shape: quotedName, after: lazy.New(`^(Columns|SetMap|Rows|Values)`)},

	{lang: jvm, verb: lazy.New(`^(deleteAll|deleteAllInBatch)$`), do: Delete, before: repository, shape: nothing, scope: always0},
	{lang: jvm, verb: lazy.New(`^(save|saveAndFlush|persist|insert)$`), do: Insert, before: stored, target: ofNew, shape: anyShape},
	{lang: jvm, verb: lazy.New(`^(update)$`), do: Update, target: ofArgument, after: lazy.New(`^set\b`)},
	{lang: jvm, verb: lazy.New(`^(deleteFrom)$`), do: Delete, target: ofArgument, after: runs},
	{lang: jvm, verb: lazy.New(`^(insertInto)$`), do: Insert, target: ofArgument},
	{lang: jvm, verb: lazy.New(`^deleteAll$`), do: Delete, before: lazy.New(`^[A-Z]\w*$`), target: ofRoot, scope: always0, file: "exposed"},
	{lang: jvm, verb: lazy.New(`^insert(AndGetId)?$`), do: Insert, before: lazy.New(`^[A-Z]\w*$`), target: ofRoot, file: "exposed"},
	{lang: jvm, verb: lazy.New(`^(insertOne|insertMany)$`), do: Insert},
	{lang: jvm, verb: lazy.New(`^updateMany$`), do: Update, scope: byFilter},
	{lang: jvm, verb: lazy.New(`^deleteMany$`), do: Delete, scope: byFilter},

	{lang: csharp, verb: lazy.New(`^ExecuteUpdate(Async)?$`), do: Update},
	{lang: csharp, verb: lazy.New(`^ExecuteDelete(Async)?$`), do: Delete},
	{lang: csharp, verb: lazy.New(`^(Add|AddAsync|AddRange|AddRangeAsync)$`), do: Insert, before: dbSet, target: ofNew, shape: anyShape},
	{lang: csharp, verb: lazy.New(`^RemoveRange$`), do: Delete, before: dbSet, target: ofArgument, scope: always0, shape: lazy.New(`^\s*_?\w+\.[A-Z]\w*\s*$`)},
	{lang: csharp, verb: lazy.New(`^UpdateMany(Async)?$`), do: Update, scope: byFilter},
	{lang: csharp, verb: lazy.New(`^DeleteMany(Async)?$`), do: Delete, scope: byFilter},
	{lang: csharp, verb: lazy.New(`^Insert(One|Many)(Async)?$`), do: Insert},

	{lang: rust, verb: lazy.New(`^update$`), do: Update, before: lazy.New(`^(diesel)?$`), target: ofArgument, after: lazy.New(`^set\b`)},
	{lang: rust, verb: lazy.New(`^delete$`), do: Delete, before: lazy.New(`^(diesel)?$`), target: ofArgument, after: runs},
	{lang: rust, verb: lazy.New(`^insert_into$`), do: Insert, target: ofArgument},
	{lang: rust, verb: lazy.New(`^update_many$`), do: Update, before: modelNext},
	{lang: rust, verb: lazy.New(`^delete_many$`), do: Delete, before: modelNext},
}
