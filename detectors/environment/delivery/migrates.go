package delivery

// Commands that bring a database's schema up to date, whatever the language and the tool.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

// migrators are the commands that bring a database's schema up to date, as words that follow each other.
var migrators = [][]string{
	{"migrate", "up"}, {"alembic", "upgrade"}, {"db:migrate"}, {"db:prepare"}, {"manage.py", "migrate"}, {"django-admin", "migrate"}, {"artisan", "migrate"}, {"prisma", "migrate", "deploy"},
	{"prisma", "db", "push"}, {"knex", "migrate:latest"}, {"goose", "up"}, {"dbmate", "up"}, {"dbmate", "migrate"}, {"flyway", "migrate"}, {"liquibase", "update"}, {"atlas", "migrate", "apply"},
	{"diesel", "migration", "run"}, {"sqlx", "migrate", "run"}, {"sea-orm-cli", "migrate"}, {"typeorm", "migration:run"}, {"sequelize-cli", "db:migrate"}, {"drizzle-kit", "migrate"}, {"node-pg-migrate", "up"},
	{"doctrine:migrations:migrate"}, {"ecto.migrate"}, {"ef", "database", "update"}, {"tern", "migrate"}, {"flask", "db", "upgrade"}, {"aerich", "upgrade"}, {"mikro-orm", "migration:up"}, {"kysely", "migrate:latest"},
	{"rel8", "migrate"}, {"phinx", "migrate"}, {"bin/console", "doctrine:migrations:migrate"}, {"migrate-mongo", "up"}, {"refinery", "migrate"}, {"yoyo", "apply"},
}

var (
	// runners run a target of the repository by its name; targets are those that migrate.
	runners  = lazy.New(`^(make|just|task|npm|pnpm|yarn|bun|rake|composer|mix|invoke|inv|poe|nx|turbo|gradlew?|mvnw?|sbt|lein)$`)
	targets  = lazy.New(`^([\w-]+[:.])?(db[:_.-])?(run[-_])?migrat(e|ions?)([:_.-](up|run|deploy|latest|prod|production|all))?$|^db[:_-](upgrade|migrate|deploy|push)$|^flywayMigrate$|^flyway:migrate$|^liquibase:update$|^(update|upgrade)[-_]?(db|database|schema)$`)
	released = lazy.New(`\b(Release|ReleaseTasks)\.migrate\b|^(\S*/)?(run[-_])?(db[-_])?migrat(e|ions?|or)([-_](db|database|all|up|prod|production))?(\.(sh|py|rb|js|mjs|ts|php|exe))?$`)
	// interpreters run a program of the repository, whose path says what it is for.
	interpreters = lazy.New(`^(go|node|tsx|ts-node|npx|bunx|deno|python3?|uv|poetry|pipenv|php|ruby|java|dotnet|cargo|elixir|perl|swift|stack|clojure|docker|docker-compose|podman|az|gcloud|aws|kubectl|oc|helm|nomad|argo|kamal|fly|flyctl|heroku|cf|render|railway)$`)
	program      = lazy.New(`(?i)^(\S*[/\\])?(run[-_])?([\w.-]*[._-])?(db[-_.])?(migrate|migrations?|migrator|migratedb|dbmigrat(e|or|ion))([-_.](db|database|all|up|prod|production|job|task))?(/main\.go|\.(go|py|rb|m?js|cjs|ts|php|jar|dll|csproj|ya?ml|nomad|hcl|exs|pl))*/?$`)
	// observes are words of commands that only look at what runs, or clear it away.
	observes = wordSet("wait", "logs", "log", "describe", "get", "delete", "status", "watch", "build", "push", "pull", "tag", "test", "lint", "create-migration", "make:migration", "generate", "new", "add", "diff", "check", "rm", "stop", "list", "show", "validate")
)

func wordSet(words ...string) map[string]bool {
	set := map[string]bool{}
	for _, w := range words {
		set[w] = true
	}
	return set
}

func migrates(c []string) bool {
	var words []string
	for _, w := range c {
		words = append(words, strings.Fields(w)...)
	}
	for _, m := range migrators {
		i := 0
		for _, w := range words {
			if i < len(m) && (w == m[i] || strings.HasSuffix(w, "/"+m[i])) {
				i++
			}
		}
		if i == len(m) {
			return true
		}
	}
	if len(words) == 0 || slices.ContainsFunc(words, func(w string) bool { return w == "down" || w == "status" || w == "rollback" || w == "undo" }) {
		return false
	}
	if runners.MatchString(path.Base(words[0])) && slices.ContainsFunc(words[1:], targets.MatchString) {
		return true
	}
	return released.MatchString(words[0]) || slices.ContainsFunc(words, func(w string) bool { return strings.Contains(w, "Release.migrate") }) || runsMigration(words)
}

// runsMigration says whether an interpreter, a container or a job runs a program that migrates by its name, or a program of the
// repository is given that word as its subcommand.
func runsMigration(words []string) bool {
	first := path.Base(words[0])
	if strings.HasPrefix(words[0], "./") || strings.HasPrefix(words[0], "bin/") || strings.HasPrefix(words[0], "/app/") || strings.HasPrefix(words[0], "/usr/local/bin/") {
		return len(words) > 1 && (words[1] == "migrate" || words[1] == "migrations")
	}
	if !interpreters.MatchString(first) || slices.ContainsFunc(words[1:], func(w string) bool { return observes[w] }) {
		return false
	}
	skip := false
	for _, w := range words[1:] {
		switch {
		case skip && strings.ContainsAny(w, "=:"): // the value of an option that sets something
			skip = false
			continue
		case w == "-e" || w == "--env" || w == "-v" || w == "--volume" || w == "--label" || w == "-l":
			skip = true
			continue
		}
		if _, value, ok := strings.Cut(w, "="); ok && strings.HasPrefix(w, "-") {
			w = value
		}
		if !strings.HasPrefix(w, "-") && program.MatchString(w) {
			return true
		}
	}
	return false
}
