package scripts

// Deployment scripts that start the new release whether or not its migration worked.

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
)

var (
	// deployedBy is the path of a script that brings a release to a host.
	deployedBy = lazy.New(`(?i)(^|[/_.-])(deploy(ment)?|release|roll-?out|ship|upgrade|publish|update|go-?live|cutover|bluegreen|blue-green|switch|promote)([/_.-]|$)`)
	// prepares is what has to work before a release may start: it builds it, fetches it, or proves it.
	prepares = lazy.New(`^(npm|pnpm|yarn|bun) (ci|install|run (build|test|migrat\S*|db:\S*)|build|test|migrat\S*)\b|^(npm|pnpm|yarn) run \S*(migrat|build|test)|^(bundle|composer|pip\d?|poetry|uv|pipenv|go|cargo|mvn|\./mvnw|mvnw|gradle|\./gradlew|gradlew|dotnet|mix|make|cmake|sbt) (install|sync|build|test|package|publish|assemble|release|compile|deps\.get|check|pip)\b|^(docker|podman|docker-compose|docker compose)\b.* (build|pull|load)\b|^git (pull|checkout|fetch|clone|reset|switch)\b|^(tar|unzip|rsync|scp|curl|wget|aws s3 (cp|sync)|gsutil)\b|^helm (dependency|pull)\b|^(nginx -t|apachectl configtest)\b`)
	// migrators are the programs that migrate, or start one that does; migrating is what they are told.
	migrators   = lazy.New(`^(efbundle|alembic|flyway|liquibase|migrate|goose|dbmate|sqlx|diesel|knex|prisma|atlas|sqitch|rails|rake|artisan|manage\.py|php|python[\d.]*|bundle|npx|npm|yarn|pnpm|dotnet|mix|uv|poetry|pipenv|docker|docker-compose|podman)$`)
	migrateWord = lazy.New(`^\S*(run|bin/\w+|exec|npm|yarn|pnpm|make|task|just|\./\S+)\b.*\b(db:)?migrat(e|ions?)\b`)
	migrating   = lazy.New(`^\S*efbundle\b|\balembic\b.* upgrade\b|\bflyway\b.* migrate\b|\bliquibase\b.* update\b|\bmanage\.py migrate\b|\bdb:migrate\b|\bartisan migrate( |$)|\bprisma migrate deploy\b|\b(goose|dbmate|migrate)\b.* up\b|\bsqlx migrate run\b|\bdiesel migration run\b|\bknex migrate:latest\b|\bmigration:run\b|\bef database update\b|\bdoctrine:migrations:migrate\b|\batlas migrate apply\b|\bsqitch deploy\b|\becto\.migrate\b`)
	// startsRelease is a command after which the new release answers.
	startsRelease = lazy.New(`^(systemctl\b.* (restart|reload|start|reload-or-restart)|ln -s?f?n?s?f?n? \S+ \S*current|nginx -s reload|kill -(HUP|USR2|s HUP)|passenger-config restart-app|touch tmp/restart|helm upgrade|nomad job run|docker stack deploy|fly deploy|flyctl deploy|docker (start|restart|run)|service \S+ (restart|reload|start)|supervisorctl restart|pm2 (restart|reload|startOrRestart|startOrReload)|docker-compose\b.* (up|restart)|docker compose\b.* (up|restart)|kubectl (rollout restart|set image|apply))\b`)
)

// publishes is a command that puts what was built where others take it from: a host, a bucket, a registry, a platform.
var publishes = lazy.New(`^(rsync|scp)\b.*\s[\w.@${}-]+:[^\s/]*[~/$\w]\S*$|^aws s3 (cp|sync|mv)\b.*\ss3://\S*$|^gsutil\b.* (cp|rsync)\b.*\sgs://\S*$|^gcloud (app deploy|run deploy|storage cp\b.*\sgs://)|^az storage blob upload|^(npm|pnpm|yarn|cargo|poetry|flutter pub|dart pub|mix hex\.|uv) ?publish\b|^twine upload\b|^gem push\b|^(docker|podman) push\b|^helm push\b|^gh release (create|upload)\b|^(netlify|firebase|wrangler|vercel|surge|cap|kamal|fly|railway|eb|sls|serverless|cdk|pulumi)( \S+)* (deploy|publish|up|--prod)\b`)

// goesLive finds a migration whose failure nobody sees, and the step that brings the release out all the same.
func goesLive(steps []shellStep, f *branch.File) (first, later shellStep, found bool) {
	if first, later, found = startedAfter(steps, f, isMigration); found {
		return first, later, true
	}
	return startedAfter(steps, f, preparing)
}

// startedAfter finds a step of that kind and the start of the release behind it.
func startedAfter(steps []shellStep, f *branch.File, kind func(shellStep, []shellStep) bool) (first, later shellStep, found bool) {
	for i, s := range steps {
		if s.checked || s.behind || !kind(s, steps) {
			continue
		}
		for _, next := range steps[i+1:] {
			if next.behind || next.body != s.body || !f.Touched(s.line) && !f.Touched(next.line) {
				continue
			}
			if slices.ContainsFunc(next.commands, func(w []string) bool {
				command := name(w) + " " + strings.Join(w[1:], " ")
				return startsRelease.MatchString(command) || publishes.MatchString(command) && !rehearsed(w)
			}) {
				return s, next, true
			}
		}
	}
	return shellStep{}, shellStep{}, false
}

// rehearsed says that a command only shows what it would do.
func rehearsed(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return w == "-n" || strings.HasPrefix(w, "--dry") })
}

// isMigration says whether a step is a migration: a known program, and no function of the script that looks at the end.
func isMigration(s shellStep, steps []shellStep) bool {
	words := s.commands[0]
	return len(s.commands) == 1 && (migrators.MatchString(name(words)) && migrating.MatchString(strings.Join(words, " ")) || migrateWord.MatchString(strings.Join(words, " "))) &&
		!slices.ContainsFunc(steps, func(o shellStep) bool { return o.body == words[0] })
}

// preparing says whether a step builds, fetches or proves what the release is.
func preparing(s shellStep, steps []shellStep) bool {
	words := s.commands[0]
	return len(s.commands) == 1 && prepares.MatchString(name(words)+" "+strings.Join(words[1:], " ")) &&
		!slices.ContainsFunc(steps, func(o shellStep) bool { return o.body == words[0] })
}

func wentLive(p string, first, later shellStep) detectors.Finding {
	program, starter := name(first.commands[0]), name(later.commands[0])
	return detectors.Finding{
		Severity: detectors.Warning, Path: p, Line: first.line, Symbol: program,
		Message:  fmt.Sprintf("When %s fails the script goes on, and %s in line %d brings out the release all the same", shownShell(strings.Join(first.commands[0], " ")), starter, later.line),
		Why:      "Without set -e a failing command is passed over: a half built release, or one that meets the old schema, goes into service, and the script reports success.",
		Fix:      "Start with set -euo pipefail, or write || exit 1 behind each step that the release needs.",
		Evidence: []string{program, starter},
		Related:  []detectors.Related{{Path: p, Line: later.line, Message: "brings out the release"}},
	}
}
