package review

import (
	"math"
	"strconv"
	"strings"

	"flightpoll/detectors/lazy"
)

// Lines of code as tokens, with each literal expression in one piece: `10 * 1024 * 1024`, `24 * time.Hour`, `30.days`, "10mb".

type tokenKind int

const (
	nameToken tokenKind = iota
	literalToken
	textToken
	markToken
)

// codeToken is one token of a line. A literal has its plain value, and the unit where the expression says one.
type codeToken struct {
	kind  tokenKind
	text  string
	value float64
	unit  unit
	// factors says that the literal is a product; bytes and seconds are often written as one.
	factors []float64
	// chars says that it bounds the length of a text.
	chars bool
}

var codeTokens = lazy.New(`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|` + "`[^`]*`" + `|[A-Za-z_$][\w$]*|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?[A-Za-z%]*|<<|\S`)

// maxCodeLine bounds the lines that are compared: longer ones are data.
const maxCodeLine = 400

// tokensOf reads a line, comments left out. It is nil for what is no code of ordinary length.
func tokensOf(line string) []codeToken {
	line = strings.TrimSpace(line)
	if len(line) > maxCodeLine || line == "" || strings.HasPrefix(line, "//") || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "*") || strings.HasPrefix(line, "--") || strings.HasPrefix(line, "/*") {
		return nil
	}
	var raw []string
	for _, m := range codeTokens.FindAllStringIndex(line, -1) {
		t := line[m[0]:m[1]]
		if t == "#" && m[0] > 0 && line[m[0]-1] == ' ' || t == "/" && m[1] < len(line) && line[m[1]] == '/' {
			break // the rest is a comment
		}
		raw = append(raw, t)
	}
	var list []codeToken
	for i := 0; i < len(raw); {
		t, n := literalAt(raw[i:])
		if n == 0 {
			list = append(list, ruleTokens(plain(raw[i]))...)
			i++
			continue
		}
		list = append(list, t)
		i += n
	}
	return listedRules(list)
}

// ofUpload and ofText are rules of a field that say what its bounds measure.
var (
	ofUpload = lazy.New(`^(?:file|image|(?:mimes|mimetypes|dimensions|extensions):\S+)$`)
	ofText   = lazy.New(`^(?:string|email|url)$`)
)

// listedRules gives the bounds of a list of rules the unit that another rule of the list says: ['image', 'max:2048'].
func listedRules(list []codeToken) []codeToken {
	for i := range list {
		t := &list[i]
		if i < 3 || t.kind != literalToken || t.unit.of != "" || t.chars || list[i-3].kind != textToken || list[i-3].text != "" || list[i-1].text != ":" {
			continue
		}
		from, to := i, i
		for from > 0 && list[from-1].text != "[" && list[from-1].text != "(" {
			from--
		}
		for to < len(list) && list[to].text != "]" && list[to].text != ")" {
			to++
		}
		for j := from; j < to; j++ {
			if o := list[j]; o.kind != textToken || j+1 < len(list) && list[j+1].text != "," && list[j+1].text != "]" && list[j+1].text != ")" {
				continue
			} else if ofUpload.MatchString(o.text) {
				t.unit = unit{size, 1 << 10}
			} else if ofText.MatchString(o.text) {
				t.chars = true
			}
		}
		if t.unit.of != "" {
			t.chars = false
		}
	}
	return list
}

var (
	// ruleBound is a bound within a text of rules, as Laravel has them: "required|file|max:20480".
	ruleBound = lazy.New(`^([^\s]*?\b)(max|min|size|length|digits|maxlength|minlength)([:=])(\d+)(\b[^\s]*)?$`)
	ofFile    = lazy.New(`\b(?:file|image|mimes|mimetypes|dimensions)\b`)
)

// ruleTokens are the tokens of a text, apart where it holds a bound; a file is measured in kilobytes (laravel.com/docs/validation).
func ruleTokens(t codeToken) []codeToken {
	if t.kind != textToken {
		return []codeToken{t}
	}
	m := ruleBound.FindStringSubmatch(t.text)
	if m == nil {
		return []codeToken{t}
	}
	value, err := strconv.ParseFloat(m[4], 64)
	if err != nil {
		return []codeToken{t}
	}
	bound := codeToken{kind: literalToken, text: m[4], value: value}
	if ofFile.MatchString(m[1] + m[5]) {
		bound.unit = unit{size, 1 << 10}
	} else if strings.Contains(m[1]+m[5], "string") {
		bound.chars = true
	}
	return []codeToken{{kind: textToken, text: m[1] + m[5]}, {kind: nameToken, text: m[2]}, {kind: markToken, text: m[3]}, bound}
}

func plain(text string) codeToken {
	switch c := text[0]; {
	case c == '"' || c == '\'' || c == '`':
		return codeToken{kind: textToken, text: text[1 : len(text)-min(1, len(text)-1)]}
	case c == '_' || c == '$' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		return codeToken{kind: nameToken, text: text}
	}
	return codeToken{kind: markToken, text: text}
}

var (
	number   = lazy.New(`^(\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?)([A-Za-z%]*)$`)
	quantity = lazy.New(`(?i)^\s*(\d+(?:\.\d+)?)\s*(kb|kib|k|mb|mib|gb|gib|g|ms|s|m|h|d|sec|secs|seconds?|mins?|minutes?|hours?|days?|weeks?|%)?\s*$`)
)

// literalAt reads a literal expression at the start of the tokens; n is how many it takes, 0 for none.
func literalAt(raw []string) (t codeToken, n int) {
	t = codeToken{kind: literalToken, value: 1}
	for n < len(raw) {
		v, u, ok := oneFactor(raw[n])
		if !ok {
			break
		}
		t.value *= v
		if u.of != "" {
			t.unit = u
		} else {
			t.factors = append(t.factors, v)
		}
		n++
		// 30.days, 10.megabytes
		if n+1 < len(raw) && raw[n] == "." {
			if u, ok := unitOf(raw[n+1]); ok {
				t.unit = u
				n += 2
			}
		}
		for n+1 < len(raw) && (raw[n] == "*" || raw[n] == "<<") {
			u, m, ok := unitName(raw[n+1:])
			if !ok {
				break
			}
			t.unit = u
			n += 1 + m
		}
		if n+1 < len(raw) && raw[n] == "<<" {
			if shift, err := strconv.Atoi(raw[n+1]); err == nil && shift < 50 {
				t.value *= math.Pow(2, float64(shift))
				t.factors = append(t.factors, 1024)
				n += 2
			}
		}
		if n+1 >= len(raw) || raw[n] != "*" {
			break
		}
		if _, _, ok := oneFactor(raw[n+1]); !ok {
			break
		}
		n++
	}
	if n == 0 {
		return t, 0
	}
	t.text = strings.Join(raw[:n], " ")
	return t, n
}

// oneFactor reads a number, or a text that is nothing but an amount.
func oneFactor(raw string) (value float64, u unit, ok bool) {
	if c := raw[0]; c == '"' || c == '\'' {
		m := quantity.FindStringSubmatch(raw[1:max(1, len(raw)-1)])
		if m == nil {
			return 0, unit{}, false
		}
		value, err := strconv.ParseFloat(m[1], 64)
		return value, written(m[2]), err == nil
	}
	m := number.FindStringSubmatch(raw)
	if m == nil {
		return 0, unit{}, false
	}
	value, err := strconv.ParseFloat(strings.ReplaceAll(m[1], "_", ""), 64)
	if err != nil {
		return 0, unit{}, false
	}
	switch suffix := m[2]; suffix {
	case "", "L", "l", "f", "F", "u", "U", "UL", "ul", "n", "i32", "i64", "u32", "u64", "usize", "M", "D":
		return value, unit{}, true
	default:
		u = written(suffix)
		return value, u, u.of != ""
	}
}

// written is the unit of a suffix, without one where it is empty or unknown.
func written(suffix string) unit {
	if suffix == "%" {
		return unit{share, 1}
	}
	if u, ok := unitOf(suffix); ok {
		return u
	}
	if len(suffix) == 1 {
		if suffix == "m" || suffix == "M" {
			return unit{duration, minute}
		}
		return attached[strings.ToLower(suffix)]
	}
	return unit{}
}

// unitName reads time.Minute, units.MiB, MB, TimeUnit.DAYS.
func unitName(raw []string) (u unit, n int, ok bool) {
	n = 1
	for n+1 < len(raw) && raw[n] == "." {
		n += 2
	}
	u, ok = unitOf(raw[n-1])
	return u, n, ok
}
