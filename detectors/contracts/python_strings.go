package contracts

// Dotted names in strings, configuration and notebooks that lead to a Python name which is gone.

import (
	"encoding/json"
	"path"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/contracts/pyapi"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	pythonPath       = lazy.New(`^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+(:[A-Za-z_]\w*)?$`)
	pythonPathInText = lazy.New(`[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+(?::[A-Za-z_]\w*)?|\b[A-Za-z_]\w*:[A-Za-z_]\w*\b`)
	// pythonLoads is what takes the name of a module, where a string alone could be a logger's name.
	pythonLoads = lazy.New(`\b(import_module|__import__|import_string|import_from_string|load_object|include|autodiscover_tasks|ROOT_URLCONF|WSGI_APPLICATION|ASGI_APPLICATION|run_module|find_spec|locate)\b`)
	// pythonAside are calls that name what is gone because it is gone.
	pythonAside = lazy.New(`(?i)deprecat|moved|renam|remov|getLogger|^warn|obsolete|alias`)
	pythonRuns  = lazy.New(`(^|\s)-m\s+$|["']-m["'],\s*["']$|(gunicorn|uvicorn|celery|hypercorn|daphne|granian|dramatiq|rq|flask|taskiq|arq)\b.*$|^\s*["']?[\w.-]+["']?\s*=\s*["']?$`)
)

// strings reports the string literals of a file that hold a dotted name which leads nowhere now.
func (a *pythonAPI) strings(l *pythonLoss, f *source.File) {
	if strings.Contains(f.Path, "/migrations/") {
		return // what a schema was called then
	}
	seen := map[string]bool{}
	for _, s := range f.Strings {
		was, dotted := a.lostString(l, f.Path, s.Value)
		if was == nil || seen[dotted] {
			continue
		}
		row := lineOf(f.Text, s.Span.Line)
		if was.Kind == pyapi.Submodule && !pythonLoads.MatchString(row) || mentionedAside(f, s.Span) || pointsOn(l, f, s) || a.keepsName(s.Value) {
			continue
		}
		seen[dotted] = true
		a.stale(f.Path, s.Span.Line, lastOf(dotted), "still names "+s.Value+" in a string", was, nil, detectors.Warning)
	}
}

// lostString says what a string led to before, nil when it still does or never did.
func (a *pythonAPI) lostString(l *pythonLoss, from, value string) (was *pyapi.Member, dotted string) {
	if len(value) > 200 || !pythonPath.MatchString(value) {
		return nil, ""
	}
	dotted = strings.ReplaceAll(value, ":", ".")
	names := strings.Split(dotted, ".")
	wanted := false
	for _, n := range names[1:] {
		wanted = wanted || l.gone[n]
	}
	if !wanted {
		return nil, ""
	}
	was, ok := l.lost(from, dotted)
	if !ok || strings.HasPrefix(was.Name, "_") && was.Kind != pyapi.Submodule && strings.HasPrefix(was.Name, "__") {
		return nil, ""
	}
	return was, dotted
}

// mentionedAside says that the innermost call around a string only tells of it.
func mentionedAside(f *source.File, at source.Span) bool {
	name, size := "", 0
	for _, c := range f.Calls {
		if c.Span.Start <= at.Start && at.End <= c.Span.End && (size == 0 || c.Span.End-c.Span.Start < size) {
			name, size = c.Name, c.Span.End-c.Span.Start
		}
	}
	return pythonAside.MatchString(name)
}

// pointsOn says that a string is the key of a table which leads to what is there now.
func pointsOn(l *pythonLoss, f *source.File, s *source.String) bool {
	for _, o := range f.Objects {
		for _, k := range o.Keys {
			if k.Name != s.Value {
				continue
			}
			to := strings.ReplaceAll(strings.Trim(k.Value, `"'`), ":", ".")
			if !pythonPath.MatchString(to) {
				continue
			}
			if _, state, _ := l.now.Resolve(f.Path, to); state == pyapi.Found {
				return true
			}
		}
	}
	return false
}

// keepsName says that some registration gives the very string as a name, so that it no longer is a path.
func (a *pythonAPI) keepsName(value string) bool {
	naming, err := a.pass.Source.Naming(a.pass.Context, value)
	if err != nil {
		return false
	}
	for _, p := range naming[value] {
		f := a.after.file(p)
		if f == nil || f.Lang != source.Python {
			continue
		}
		for _, c := range f.Calls {
			for _, arg := range c.Args {
				if arg.IsString && arg.Str == value && (arg.Keyword == "name" || arg.Keyword == "task_name" || arg.Keyword == "actor_name") {
					return true
				}
			}
		}
	}
	return false
}

// text reports a file in another language: entry points, commands of containers and schedules, settings.
func (a *pythonAPI) text(l *pythonLoss, p string) {
	switch strings.ToLower(path.Ext(p)) {
	case ".toml", ".cfg", ".ini", ".yaml", ".yml", ".json", ".sh", ".env", ".conf", ".service", ".tf", ".tpl", ".j2", "":
	default:
		if !deployed.MatchString(path.Base(p)) {
			return
		}
	}
	text, err := a.after.text(p)
	if err != nil || len(text) > branch.MaxFile/4 {
		return
	}
	seen := map[string]bool{}
	for i, row := range strings.Split(string(text), "\n") {
		if trimmed := strings.TrimSpace(row); len(row) > 2000 || strings.HasPrefix(trimmed, "#") || strings.HasPrefix(trimmed, "//") || strings.HasPrefix(trimmed, ";") {
			continue
		}
		for _, at := range pythonPathInText.FindAllStringIndex(row, 20) {
			value := row[at[0]:at[1]]
			if at[0] > 0 && strings.ContainsRune("/-.\\@", rune(row[at[0]-1])) || at[1] < len(row) && strings.ContainsRune("/-(\\", rune(row[at[1]])) {
				continue // a path, an address or a call
			}
			was, dotted := a.lostText(l, p, value)
			if was == nil || seen[dotted] {
				continue
			}
			run := pythonRuns.MatchString(row[:at[0]])
			if (was.Kind == pyapi.Submodule || strings.Count(dotted, ".") < 2) && !run {
				continue
			}
			seen[dotted] = true
			severity := detectors.Warning
			if run || strings.Contains(value, ":") {
				severity = detectors.Blocker
			}
			if !a.keepsName(value) {
				a.stale(p, i+1, lastOf(dotted), "still names "+value, was, nil, severity)
			}
		}
	}
}

// lostText is lostString for text, where a module and an attribute may be all that a path has ("app:create").
func (a *pythonAPI) lostText(l *pythonLoss, p, value string) (*pyapi.Member, string) {
	if !strings.Contains(value, ".") {
		module, name, _ := strings.Cut(value, ":")
		if !l.gone[name] && !l.gone[module] {
			return nil, ""
		}
		dotted := module + "." + name
		if was, ok := l.lost(p, dotted); ok {
			return was, dotted
		}
		return nil, ""
	}
	return a.lostString(l, p, value)
}

// A jupyter notebook of nbformat 4 (nbformat.readthedocs.io).
type notebook struct {
	Cells []struct {
		Type   string          `json:"cell_type"`
		Source json.RawMessage `json:"source"`
	} `json:"cells"`
}

// notebook reports the code cells of a notebook.
func (a *pythonAPI) notebook(l *pythonLoss, p string) {
	text, err := a.after.text(p)
	if err != nil {
		return
	}
	var book notebook
	if json.Unmarshal(text, &book) != nil {
		return
	}
	var code strings.Builder
	for _, cell := range book.Cells {
		var rows []string
		var whole string
		if cell.Type != "code" || json.Unmarshal(cell.Source, &rows) != nil && json.Unmarshal(cell.Source, &whole) != nil {
			continue
		}
		for row := range strings.SplitSeq(strings.Join(rows, "")+whole, "\n") {
			if !strings.HasPrefix(strings.TrimSpace(row), "%") && !strings.HasPrefix(strings.TrimSpace(row), "!") {
				code.WriteString(row)
			}
			code.WriteByte('\n')
		}
	}
	f, err := source.Parse(strings.TrimSuffix(p, ".ipynb")+".py", []byte(code.String()))
	if err != nil {
		return
	}
	f.Path = p
	rows := strings.Split(code.String(), "\n")
	a.code(l, f, func(line int) int {
		if line < 1 || line > len(rows) {
			return 1
		}
		quoted := strings.ReplaceAll(strings.TrimSpace(rows[line-1]), `"`, `\"`)
		return 1 + strings.Count(string(text[:max(0, strings.Index(string(text), quoted))]), "\n")
	})
}
