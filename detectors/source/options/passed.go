package options

import (
	"regexp"
	"strings"

	"flightpoll/detectors/lazy"
)

// PassedAt is the line of a text that passes the option to one of the programs, 0 for none. The program is named in the same
// command (lines joined by a backslash count as one), or, for a list of arguments, within the lines above.
func PassedAt(text, flag string, names []string) int {
	option := lazy.New(`(^|[\s"'\x60\[,(=])` + regexp.QuoteMeta(flag) + `($|[^\w-])`)
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = regexp.QuoteMeta(n)
	}
	if len(quoted) == 0 {
		return 0
	}
	program := lazy.New(`(^|[^\w-])(` + strings.Join(quoted, "|") + `)($|[^\w-])`)
	lines := strings.Split(expand(text), "\n")
	for i, row := range lines {
		if len(row) > 2000 || !option.MatchString(row) || strings.HasPrefix(strings.TrimSpace(row), "#!") {
			continue
		}
		if runs(row[:option.FindStringIndex(row)[0]+1], program) {
			return i + 1
		}
		list := strings.HasPrefix(strings.TrimSpace(row), "-") || strings.HasPrefix(strings.TrimSpace(row), `"`) || strings.HasPrefix(strings.TrimSpace(row), "'") ||
			strings.Contains(row, "args") || strings.Contains(row, "command") || strings.Contains(row, "ExecStart") || strings.Contains(row, "CMD")
		for j := i - 1; j >= 0 && j >= i-15; j-- {
			if !list && !strings.HasSuffix(strings.TrimSpace(lines[j]), `\`) {
				break
			}
			if list && program.MatchString(lines[j]) || runs(lines[j], program) {
				return i + 1
			}
		}
	}
	return 0
}

var (
	assigned = lazy.New(`(?m)^[ \t]*(?:export |readonly |local )?([A-Za-z_]\w*)[ \t]*[:?]?=[ \t]*["']?([\w./-]+)["']?[ \t]*$`)
	used     = lazy.New(`\$\(([A-Za-z_]\w*)\)|\$\{([A-Za-z_]\w*)\}|\$([A-Za-z_]\w*)`)
)

// expand puts the values of the variables of a script or a makefile in their places, as far as they are plain words.
func expand(text string) string {
	values := map[string]string{}
	for _, m := range assigned.FindAllStringSubmatch(text, 200) {
		values[m[1]] = m[2]
	}
	if len(values) == 0 {
		return text
	}
	return used.ReplaceAllStringFunc(text, func(name string) string {
		if v, ok := values[strings.Trim(name, "${()}")]; ok {
			return v
		}
		return name
	})
}

var (
	separator = lazy.New("&&|\\|\\||[;|`]|\\$\\(")
	wrapper   = lazy.New(`^(sudo|env|exec|time|nice|nohup|xargs|python[\d.]*|node|bun|deno|ruby|java|go|php|dotnet|cargo|bundle|npx|bunx|pnpm|npm|yarn|uv|uvx|poetry|pipenv|pipx|docker|podman|kubectl|compose|run|exec|tool|sh|bash|do|then|else|if|!|\$|>|run:|-|@|cmd|entrypoint|command:|args:|execstart|\d+|\*)$|^-|[=:/@$\\]`)
)

// runs says that one of the programs is what a line runs: nothing but wrappers (sudo, python -m, docker run) stands
// before it in its command.
func runs(row string, program *lazy.Regexp) bool {
	for _, at := range program.FindAllStringSubmatchIndex(row, -1) {
		before := row[:at[4]]
		if cut := separator.FindAllStringIndex(before, -1); cut != nil {
			before = before[cut[len(cut)-1][1]:]
		}
		plain := true
		for _, w := range strings.FieldsFunc(before, func(r rune) bool { return strings.ContainsRune(" \t\"'[],", r) }) {
			plain = plain && wrapper.MatchString(strings.ToLower(w))
		}
		if plain {
			return true
		}
	}
	return false
}
