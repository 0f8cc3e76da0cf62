package contracts

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

var (
	// jqProgram is the program of a jq, gojq or yq call in single or double quotes.
	jqProgram = lazy.New(`\b(?:go)?[jy]q\b(?:(?:\s|\\\n)+-{1,2}[\w-]+(?:\s+\w+\s+(?:"[^"\n]*"|'[^'\n]*'|[\w.$/{}-]+))?)*(?:\s|\\\n)+(?:'([^']{2,1000})'|"((?:[^"\\\n]|\\.){2,500})")`)
	jqKey     = lazy.New(`(?:^|[^\w.])\.([A-Za-z_]\w*(?:(?:\[[^\]]*\])?\.[A-Za-z_]\w*)*)|\[\s*\\?"([A-Za-z_]\w*)\\?"\s*\]`)
	jsonPath  = lazy.New(`\$((?:\.[A-Za-z_]\w*|\[[^\]\s]*\])+)`)
	logKeys   = lazy.New(`\|\s*json\s+([\w,\s]+)|\b(?:by|unwrap)\s*\(?\s*([\w,\s]+)\)?|\|\s*([A-Za-z_]\w*)\s*(?:=~?|!=|>|<)|(?:^|[\s("])@([A-Za-z_][\w.]*):`)
	logQuery  = lazy.New(`\|\s*json\b|\|\s*logfmt\b|(?:^|[\s("])@[A-Za-z_][\w.]*:`)
	bareName  = lazy.New(`\{\{\{?\s*[#/]?(?:with\s+|each\s+|if\s+|unless\s+)?(?:this\.)?([A-Za-z_]\w*)\s*\}?\}\}`)
	blockName = lazy.New(`\{\{#(?:with|each)?\s*([A-Za-z_][\w.]*)`)
)

// readFilters reads the keys that jq programs name, one record for each program: `jq '.total * (1 + .rate)'`.
func readFilters(file, text string) []*record {
	if !strings.Contains(text, "jq ") && !strings.Contains(text, "yq ") {
		return nil
	}
	var found []*record
	byInput := map[string]*record{}
	for _, m := range jqProgram.FindAllStringSubmatchIndex(text, 200) {
		from, to := m[2], m[3]
		if from < 0 {
			from, to = m[4], m[5]
		}
		line := 1 + strings.Count(text[:from], "\n")
		start := strings.LastIndexByte(text[:m[0]], '\n') + 1
		input := inputOf(text[to:min(len(text), to+80)])
		rec := byInput[input]
		if rec == nil {
			rec = newRecord(formMember, file, line, file, routesOf(text[start:m[0]]), assignedTo(text[:start], input))
			if input != "" {
				byInput[input] = rec
			}
			found = append(found, rec)
		}
		for _, k := range jqKey.FindAllStringSubmatchIndex(text[from:to], 100) {
			at := k[2]
			name := ""
			if at >= 0 {
				name = text[from+k[2] : from+k[3]]
			} else {
				at, name = k[4], text[from+k[4]:from+k[5]]
			}
			n := line + strings.Count(text[from:from+at], "\n")
			for part := range strings.SplitSeq(name, ".") {
				part, _, _ = strings.Cut(part, "[")
				rec.add(part, n, "", "")
			}
		}
	}
	return slices.DeleteFunc(found, func(r *record) bool { return len(r.keys) == 0 })
}

var (
	jqInput = lazy.New(`^['"]?\s*(?:<<<\s*)?["']?\$\{?([A-Za-z_]\w*)`)
)

// inputOf is the variable that a program reads: jq '.a' <<<"$out".
func inputOf(behind string) string {
	behind, _, _ = strings.Cut(behind, "\n")
	if m := jqInput.FindStringSubmatch(behind); m != nil {
		return m[1]
	}
	return ""
}

// assignedTo is the line that gives a variable its value: out=$(status --json).
func assignedTo(before, variable string) string {
	if variable == "" {
		return ""
	}
	line := ""
	for row := range strings.Lines(before) {
		if strings.HasPrefix(strings.TrimPrefix(strings.TrimSpace(row), "local "), variable+"=") {
			line = row
		}
	}
	return line
}

// readPaths reads JSONPath expressions ($.invoice.total), as state machines, load tests and policies hold them, one record
// for each value, and the fields that log queries name.
func readPaths(file, text string) []*record {
	if !strings.Contains(text, "$.") && !logQuery.MatchString(text) {
		return nil
	}
	groups := map[string]*record{}
	var order []*record
	add := func(group, key string, line int, about ...string) {
		rec := groups[group]
		if rec == nil {
			rec = newRecord(formMember, file, line, append(about, group, file)...)
			groups[group], order = rec, append(order, rec)
		}
		rec.add(key, line, "", "")
	}
	line := 0
	for row := range strings.Lines(text) {
		line++
		if len(row) > 4000 {
			continue
		}
		for _, m := range jsonPath.FindAllStringSubmatch(row, 40) {
			parts := strings.FieldsFunc(m[1], func(r rune) bool { return r == '.' || r == '[' || r == ']' || r == '*' })
			if len(parts) > 0 {
				add(strings.Join(parts[:len(parts)-1], "."), parts[len(parts)-1], line)
			}
		}
		if !logQuery.MatchString(row) {
			continue
		}
		for _, m := range logKeys.FindAllStringSubmatch(row, 40) {
			for _, key := range strings.FieldsFunc(m[1]+","+m[2]+","+m[3]+","+m[4], func(r rune) bool { return r == ',' || r == ' ' }) {
				add("\x00query", key[strings.LastIndexByte(key, '.')+1:], line, row)
			}
		}
	}
	return order
}

// readBare reads the names that a logic-less template takes from the value at hand: {{#with invoice}}{{total}}{{/with}}.
func readBare(file, text string) []*record {
	rec := newRecord(formMember, file, 1, file)
	line := 0
	for row := range strings.Lines(text) {
		line++
		for _, m := range blockName.FindAllStringSubmatch(row, 20) {
			rec.about = append(rec.about, m[1])
		}
		for _, m := range bareName.FindAllStringSubmatch(row, 40) {
			rec.add(m[1], line, "", "")
		}
	}
	if len(rec.keys) < 2 {
		return nil
	}
	return []*record{rec}
}
