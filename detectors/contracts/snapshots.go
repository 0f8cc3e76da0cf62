package contracts

import (
	"bytes"
	"encoding/json"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

// A snapshot is one recorded answer that a test compares with: an entry of a .snap file, or a golden file as a whole.
type snapshot struct {
	// name is the entry's name in its file, empty for a whole file.
	name string
	line int
	rows []string
}

var (
	snapshotFolder = lazy.New(`(?i)(^|/)(?:__snapshots__|snapshots?|goldens?|golden[-_]files|approvals?|expected)/`)
	snapshotName   = lazy.New(`(?i)\.(?:snap|ambr|golden|approved(?:\.\w+)?|verified(?:\.\w+)?)$|\.(?:golden|snap|snapshot|expected)\.\w+$|(?:^|[._-])golden\.\w+$`)
	jestEntry      = lazy.New("^exports\\[`(.*)`\\] = `?")
	syrupyEntry    = lazy.New(`^# name: (.+)$`)
)

// isSnapshot says by its path whether tests wrote a file.
func isSnapshot(p string) bool {
	switch path.Ext(p) {
	case ".go", ".ts", ".tsx", ".js", ".jsx", ".py", ".rs", ".java", ".rb", ".png", ".jpg", ".webp", ".pdf":
		return false
	}
	return snapshotName.MatchString(p) || snapshotFolder.MatchString(p)
}

// snapshotsIn are the entries of a snapshot file, in its order.
func snapshotsIn(text string) []snapshot {
	rows := strings.Split(text, "\n")
	if text = strings.TrimSpace(text); len(rows) < 4 && (strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[")) {
		var wide bytes.Buffer
		if json.Indent(&wide, []byte(text), "", " ") == nil {
			return []snapshot{{line: 1, rows: strings.Split(wide.String(), "\n")}} // one line for a person, one value a line here
		}
	}
	var list []snapshot
	for i, row := range rows {
		m := jestEntry.FindStringSubmatch(row)
		if m == nil {
			m = syrupyEntry.FindStringSubmatch(row)
		}
		if m != nil {
			list = append(list, snapshot{name: m[1], line: i + 1})
			if rest := row[len(m[0]):]; strings.TrimSpace(rest) != "" {
				list[len(list)-1].rows = []string{rest}
			}
			continue
		}
		if len(list) > 0 {
			list[len(list)-1].rows = append(list[len(list)-1].rows, row)
		}
	}
	if len(list) == 0 {
		list = []snapshot{{line: 1, rows: rows}}
	}
	return list
}

// A rewrite is what became of one named value in a snapshot.
type rewrite struct {
	// key names it, empty for a line that names nothing; emptied says that its value is none any more.
	key     string
	gone    bool
	emptied bool
	line    int
	// covered is the name that it goes by now, where its value is another one as well.
	covered string
}

var (
	keyed = lazy.New(`^[\s\-]*"?([A-Za-z_][\w.\- ]{0,60}?)"?\s*[:=]\s*(.*?),?\s*$`)
	empty = lazy.New(`^(?:null|None|nil|undefined|NaN|""|''|\[\]|\{\}|Array \[\]|Object \{\}|~|"?\[object Object\]"?|"?Invalid Date"?|"?(?:undefined|null|NaN|None)"?|)$`)
)

// rewrites compares two sides of an entry line by line. White space, quotes and the order of lines do not count.
func rewrites(old, now snapshot) []rewrite {
	count := map[string]int{}
	for _, row := range old.rows {
		count[fold(row)]++
	}
	var added []string
	addedAt := map[string]int{}
	for i, row := range now.rows {
		if r := fold(row); r != "" && count[r] == 0 {
			added = append(added, row)
			addedAt[row] = now.line + i
		} else {
			count[r]--
		}
	}
	left := map[string]int{}
	for _, row := range now.rows {
		left[fold(row)]++
	}
	var list []rewrite
	for _, row := range old.rows {
		r := fold(row)
		if r == "" {
			continue
		}
		if left[r] > 0 {
			left[r]--
			continue
		}
		m := keyed.FindStringSubmatch(row)
		if m == nil {
			list = append(list, rewrite{line: now.line})
			continue
		}
		w := rewrite{key: m[1], gone: true, line: now.line}
		if i := slices.IndexFunc(added, func(a string) bool { n := keyed.FindStringSubmatch(a); return n != nil && n[1] == m[1] }); i >= 0 {
			n := keyed.FindStringSubmatch(added[i])
			w.gone, w.line = false, addedAt[added[i]]
			w.emptied = empty.MatchString(n[2]) && !empty.MatchString(m[2]) && !opens(m[2])
			added = slices.Delete(added, i, i+1)
		} else if i := renamedLine(added, m[1]); i >= 0 {
			n := keyed.FindStringSubmatch(added[i])
			w.line = addedAt[added[i]]
			if n[2] != m[2] && !opens(m[2]) && !opens(n[2]) {
				w.covered = n[1]
			}
			added = slices.Delete(added, i, i+1)
		}
		list = append(list, w)
	}
	for _, a := range added {
		w := rewrite{line: addedAt[a]}
		if m := keyed.FindStringSubmatch(a); m != nil {
			w.key = "+" + m[1]
		}
		list = append(list, w)
	}
	return list
}

// renamedLine is the added line whose name has all the words of an old one, -1 for none.
func renamedLine(added []string, name string) int {
	mine := words(name)
	return slices.IndexFunc(added, func(a string) bool {
		n := keyed.FindStringSubmatch(a)
		if n == nil || len(mine) == 0 {
			return false
		}
		theirs := words(n[1])
		return !slices.ContainsFunc(mine, func(w string) bool { return !slices.Contains(theirs, w) })
	})
}

// opens says whether a value goes on in the following lines.
func opens(value string) bool {
	return value == "" || strings.HasSuffix(value, "{") || strings.HasSuffix(value, "[") || strings.HasSuffix(value, "(")
}

func fold(row string) string {
	return strings.TrimSuffix(strings.Join(strings.Fields(strings.ReplaceAll(row, "'", `"`)), " "), ",")
}

var (
	figure = lazy.New(`-?\d+(?:[.,]\d+)*`)
	// incidental are rows whose figures say where or how big something is, or when it was: they change with anything.
	incidental = lazy.New(`(?i)\b(?:line|col(?:umn)?|row|offset|pos(?:ition)?|span|start|end|loc|size|bytes?|length|duration|elapsed|ms|time\w*|date|\w*_at|\w*At|id|\w*_id|uuid|hash|sha\d*|checksum|etag|version|port|seed|width|height|px|rem|x\d?|y\d?)\b|\w:\d+(?::\d+)?\b|[<>#]|\d{4}-\d\d-\d\d|[0-9a-f]{12}`)
)

// otherFigures lists the figures of an entry that changed, as "old→new", where nothing else in it did.
func otherFigures(old, now snapshot) []string {
	left := map[string]int{}
	for _, row := range now.rows {
		left[fold(row)]++
	}
	var gone []string
	for _, row := range old.rows {
		if r := fold(row); left[r] > 0 {
			left[r]--
		} else if r != "" {
			gone = append(gone, r)
		}
	}
	var pairs []string
	for _, row := range now.rows {
		r := fold(row)
		if r == "" || left[r] == 0 {
			continue
		}
		left[r]--
		if incidental.MatchString(r) {
			return nil
		}
		skeleton := figure.ReplaceAllString(r, "0")
		i := slices.IndexFunc(gone, func(g string) bool { return figure.ReplaceAllString(g, "0") == skeleton })
		if i < 0 {
			return nil
		}
		before, after := figure.FindAllString(gone[i], -1), figure.FindAllString(r, -1)
		for j := range min(len(before), len(after)) {
			if before[j] != after[j] {
				pairs = append(pairs, before[j]+"→"+after[j])
			}
		}
		gone = slices.Delete(gone, i, i+1)
	}
	if len(gone) > 0 {
		return nil
	}
	return pairs
}
