package contracts

import (
	"strings"

	"flightpoll/detectors/lazy"
)

var (
	queryString = lazy.New(`((?:/[\w{}.:$<>*-]+)*/?)\?([A-Za-z_][\w.\[\]-]*=[^\s"'<>` + "`" + `&\\)]*(?:&(?:amp;)?[A-Za-z_][\w.\[\]-]*=[^\s"'<>` + "`" + `&\\)]*)*)`)
	queryKey    = lazy.New(`(?:^|&)(?:amp;)?([A-Za-z_]\w*)=`)
	hashtable   = lazy.New(`@\{([^{}]{4,1000})\}`)
	hashKey     = lazy.New(`(?m)(?:^|;)\s*["']?([A-Za-z_]\w*)["']?\s*=`)
	brunoBlock  = lazy.New(`^([a-z:]+)\s*\{\s*$`)
	brunoPair   = lazy.New(`^\s*~?([A-Za-z_][\w-]*)\s*:\s*(.*)$`)
)

// readQueries reads the parameters of URLs: /search?sort=price&page_size=20.
func readQueries(file, text string, line int, about ...string) []*record {
	if !strings.Contains(text, "?") || !strings.Contains(text, "=") {
		return nil
	}
	var found []*record
	for _, m := range queryString.FindAllStringSubmatchIndex(text, 200) {
		n := line + strings.Count(text[:m[0]], "\n")
		rec := newRecord(formText, file, n, append([]string{file, text[m[2]:m[3]]}, about...)...)
		rec.query = true
		for _, k := range queryKey.FindAllStringSubmatch(text[m[4]:m[5]], 40) {
			rec.add(k[1], n, "", "")
		}
		if len(rec.keys) > 0 {
			found = append(found, rec)
		}
	}
	return found
}

// readHashtables reads the hashtables of a PowerShell script: @{ number = $n; gross = $g }.
func readHashtables(file, text string) []*record {
	var found []*record
	for _, m := range hashtable.FindAllStringSubmatchIndex(text, 200) {
		line := 1 + strings.Count(text[:m[2]], "\n")
		rec := newRecord(formLiteral, file, line, file, routesOf(text[m[1]:min(len(text), m[1]+400)]))
		for _, k := range hashKey.FindAllStringSubmatchIndex(text[m[2]:m[3]], 200) {
			rec.add(text[m[2]+k[2]:m[2]+k[3]], line+strings.Count(text[m[2]:m[2]+k[2]], "\n"), "", "")
		}
		if len(rec.keys) > 1 {
			found = append(found, rec)
		}
	}
	return found
}

// readBruno reads the blocks of pairs of a Bruno request: params:query { from: x }, body:form-urlencoded { a: 1 }.
func readBruno(file, text string) []*record {
	var found []*record
	var rec *record
	about := []string{file}
	line := 0
	for row := range strings.Lines(text) {
		line++
		row = strings.TrimRight(row, "\r\n")
		if m := brunoBlock.FindStringSubmatch(row); m != nil {
			rec = newRecord(formText, file, line)
			rec.query = strings.HasPrefix(m[1], "params:")
			if !rec.query && !strings.HasPrefix(m[1], "body:form") && !strings.HasPrefix(m[1], "body:multipart") {
				rec.form = formProse
			}
			continue
		}
		if row == "}" && rec != nil {
			if rec.form == formText && len(rec.keys) > 0 {
				found = append(found, rec)
			}
			rec = nil
			continue
		}
		if m := brunoPair.FindStringSubmatch(row); m != nil && rec != nil {
			if rec.form == formText {
				rec.add(m[1], line, "", "")
			} else if m[1] == "name" || m[1] == "url" {
				about = append(about, m[2])
			}
		}
	}
	for _, r := range found {
		r.about = append(r.about, about...)
	}
	return found
}
