package scripts

// Commands of plays whose own words say that they set something up: a play is run again and again, so each has to ask first,
// whatever tool it is of.

import (
	"path"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/languages/shell"
)

var (
	// setUpVerb is the subcommand by which a tool sets something up that stays.
	setUpVerb = lazy.New(`^(install|init|initiali[sz]e|bootstrap|enroll?|register|join|create|add|import|restore|generate|provision|create[_-]\w+|add[_-](user|vhost|admin|key|host|node)|generate[_-]\w+|key:generate|createsuperuser|plugin:install|user:(add|create)|db:(setup|seed|restore))$`)
	// bearsAgain are the tools whose commands leave alone what is there: package managers, and what only describes a state.
	bearsAgain = lazy.New(`^(apt|apt-get|aptitude|yum|dnf|microdnf|rpm|apk|zypper|pacman|brew|snap|flatpak|pip[0-9.]*|pipx|uv|poetry|npm|npx|pnpm|yarn|bun|corepack|gem|bundle|composer|go|cargo|rustup|make|ninja|meson|cmake|mvn|gradle|terraform|tofu|ansible-galaxy|git|gh|systemctl|service|update-rc\.d|chkconfig|ufw|firewall-cmd|setsebool|apt-key|ssh-add|install|a2ensite|certbot|grafana-cli|grafana|rabbitmq-plugins|pre-commit|playwright|asdf|mise|nvm|sdk|tfenv|vagrant|helm|wp|fc-cache|locale-gen|update-ca-certificates|pg_dump|mysqldump|restic|borg|kubectl|oc|echo|printf|cat|test|sysctl|alternatives|update-alternatives|debconf-set-selections|nix-env|conda|mamba|opkg|port|choco|winget)$`)
	// goesOn are the tools behind which the real command stands.
	goesOn = lazy.New(`^(python[0-9.]*|php[0-9.]*|ruby|node|bundle|perl|java|docker|podman|compose|exec|run|artisan|manage\.py|rails|rake|bin/rails|occ|console|drush)$`)
	// piped is an installer that is loaded and run at once.
	piped = lazy.New(`\b(curl|wget)\b[^|;&]*\|\s*(sudo\s+)?(-E\s+)?(env\s+[^|;&]*)?(ba|z|da)?sh\b`)
)

// setsUpAgain is the first command of a task that sets something up and asks nothing, false for none.
func setsUpAgain(text string) (once, bool) {
	if len(text) > maxShell {
		return once{}, false
	}
	text = terraVar.ReplaceAllString(jinja.ReplaceAllString(text, hole), hole)
	file := shell.Read(text)
	if file == nil || asksAt.MatchString(text) {
		return once{}, false
	}
	var found []once
	v := &shellVisitor{values: valuesOf(file), writes: func(string, bool, bool, int) {}, command: func(c shellCall) {
		if verb := setUpWord(c.words); verb != "" && !c.guarded {
			found = append(found, once{name: path.Base(c.words[0]), thing: verb, line: c.line})
		}
	}}
	v.walkShell(file)
	if len(found) > 0 {
		return found[0], true
	}
	if at := piped.FindStringIndex(text); at != nil && !strings.Contains(text, "||") && !strings.Contains(text, "if ") {
		return once{name: strings.Fields(text[at[0]:])[0], thing: "| sh", line: 1 + strings.Count(text[:at[0]], "\n")}, true
	}
	return once{}, false
}

// setUpWord is the subcommand with what it sets up, empty for other commands and for those that may be repeated.
func setUpWord(words []string) string {
	name := path.Base(words[0])
	if bearsAgain.MatchString(name) || isFresh(strings.Join(words, " ")) || hasOption(words[1:], "--upgrade --if-not-exists --ignore-existing --skip-existing --replace --overwrite --force --help --version --dry-run --check") {
		return ""
	}
	left := 3 // a group of commands may stand before the verb: plugin install, core user create
	for i, w := range words[1:] {
		if strings.HasPrefix(w, "-") {
			continue
		}
		word := path.Base(w)
		if setUpVerb.MatchString(word) {
			rest := words[i+2:]
			for _, r := range rest {
				if !strings.HasPrefix(r, "-") && r != hole {
					return word + " " + shownShell(r)
				}
			}
			return word
		}
		if bearsAgain.MatchString(word) || strings.ContainsAny(w, "=") {
			return ""
		}
		if goesOn.MatchString(word) {
			continue
		}
		if left--; left <= 0 {
			return ""
		}
	}
	return ""
}
