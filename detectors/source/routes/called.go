package routes

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

// Called is one address that a text names: what a client asks, a stub answers or a document shows.
type Called struct {
	Segments []string
	// Raw is the path as written, values as "*"; Host is the literal host, empty where there is none or a variable.
	Raw, Host string
	// Method is in upper case, empty where the text does not say it for certain.
	Method string
	// Query are the names behind the question mark.
	Query []string
	Line  int
	// Start and End are the address's place in the text, in bytes.
	Start, End int
	// Quoted says that it stands in quotes, Bare that neither a host nor a variable stands before it.
	Quoted, Bare bool
}

const value = "\x01"

var (
	joinedText = lazy.New(`["'` + "`" + `]\s*(?:\+|\.)\s*(?:[\w.$\->\[\]: ]|\([^()"'\n]*\)){1,80}?\s*(?:\+|\.)\s*["'` + "`" + `]`)
	joinedTail = lazy.New(`/["'` + "`" + `]\s*(?:\+|\. )\s*`)
	inserted   = lazy.New(`\$\{[^{}\n]*(?:\{[^{}\n]*\}[^{}\n]*)*\}|#\{[^{}\n]*\}|\{\{[^{}\n]*\}\}|\\\([^()\n]*(?:\([^()\n]*\))?[^()\n]*\)|\$\([^()\n]*\)|%[sdvqi]|\{[^{}\s"'<]{0,60}\}|\$\w+`)
	address    = lazy.New("[A-Za-z0-9_.~%:<>*@\x01!-]*(?:/[A-Za-z0-9_.~%:<>*@\x01!=-]*)+(?:\\?[^\\s\"'`|)\\]}>]*)?")
	queryName  = lazy.New(`[?&]([A-Za-z_][\w.\[\]-]*)=`)
	diskPath   = lazy.New(`^/(etc|usr|var|opt|home|tmp|bin|dev|proc|sys|srv|root|mnt|lib|run|Users|sbin|workspace|go)/`)
	foreign    = lazy.New(`(?i)(^|\.)(github|githubusercontent|gitlab|googleapis|google|stripe|slack|twilio|amazonaws|microsoft|azure|openai|anthropic|discord|telegram|facebook|twitter|linkedin|npmjs|pypi|docker|cloudflare|sentry|w3|wikipedia|mozilla|stackoverflow|apple|paypal|shopify|hubspot|notion|atlassian|bitbucket|medium|youtube|schema|json-schema|apache|rubyonrails|laravel|djangoproject|reactjs|nodejs|golang|python|jsdelivr|unpkg)\.(com|org|io|net|dev|co|so|me|us)$`)
	relative   = lazy.New(`(?i)(?:\b|_|\.)(get|post|put|patch|delete|head|request|fetch|ky|axios|ur[il]|endpoint|http|api|call|getJson|href)\w*(?:<[^()\n"]{0,60}>)?\s*[(:=,]\s*(?:method\s*[:=]\s*\S+\s*,\s*)?(?:ur[il]\s*[:=]\s*)?["'` + "`" + `@$fFrR]*["'` + "`" + `]$`)
	askedWith  = lazy.New(`(?i)\b(get|post|put|patch|delete)(?:Mapping|Json|Async|_json|ForObject|ForEntity|For\w+|From\w*|As\w*)?(?:<[^()\n"]{0,60}>)?\s*\(?\s*(?:ur[il]\s*[:=]\s*)?[fFrR$@]*["'` + "`" + `]?$`)
	namedVerb  = lazy.New(`(?:["'` + "`" + `]|HttpMethod\.|Method\.|Method)(GET|POST|PUT|PATCH|DELETE|Get|Post|Put|Patch|Delete)["'` + "`" + `]?\s*,\s*[^,"'` + "`" + `\n]{0,40}["'` + "`" + `]?$`)
	curlVerb   = lazy.New(`(?:-X\s*|--request[ =])["']?(GET|POST|PUT|PATCH|DELETE)\b`)
	curlBody   = lazy.New(`\s(-d|--data(-\w+)?|-F|--form|--json)[ =]`)
	curlGet    = lazy.New(`\s(-G|--get)\b`)
	fetchVerb  = lazy.New(`^[^;]{0,200}?\bmethod\s*:\s*["'` + "`" + `](\w+)`)
)

// flat is a text whose inserted values are one byte each; at gives each byte's place in the text.
type flat struct {
	text string
	at   []int
}

func (f flat) replace(re *lazy.Regexp, by func(match string) string) flat {
	found := re.FindAllStringIndex(f.text, -1)
	if found == nil {
		return f
	}
	var b strings.Builder
	at, last := make([]int, 0, len(f.text)), 0
	for _, m := range found {
		b.WriteString(f.text[last:m[0]])
		at = append(at, f.at[last:m[0]]...)
		by := by(f.text[m[0]:m[1]])
		if by == f.text[m[0]:m[1]] { // left as it is
			b.WriteString(by)
			at, last = append(at, f.at[m[0]:m[1]]...), m[1]
			continue
		}
		b.WriteString(by)
		for range len(by) {
			at = append(at, f.at[m[0]])
		}
		last = m[1]
	}
	b.WriteString(f.text[last:])
	return flat{b.String(), append(at, f.at[last:]...)}
}

func flatten(text string) flat {
	f := flat{text, make([]int, len(text))}
	for i := range f.at {
		f.at[i] = i
	}
	one := func(string) string { return value }
	f = f.replace(joinedText, one)
	f = f.replace(joinedTail, func(string) string { return "/" + value + "\"" })
	f = f.replace(inserted, func(match string) string {
		if asksItself.MatchString(match) {
			return match
		}
		return value
	})
	return f.replace(innerValue, one)
}

// asksItself is a command substitution that asks for an address: $(curl "$host/x").
var (
	asksItself = lazy.New(`^\$\(\s*(?:curl|wget|http|https|xh)\s`)
	innerValue = lazy.New(`\$\{[^{}\n]*\}|\$\w+`)
)

// maxText bounds the texts that are read for addresses, in bytes.
const maxText = 1 << 20

// CalledIn lists the addresses that a text names. Paths of the file system and of modules do not count.
func CalledIn(text string) []Called {
	if len(text) > maxText {
		return nil
	}
	f := flatten(text)
	var list []Called
	line, counted := 1, 0
	for _, m := range address.FindAllStringIndex(f.text, -1) {
		c, ok := f.read(m[0], m[1])
		if !ok {
			continue
		}
		c.Start, c.End = f.at[m[0]], f.at[m[1]-1]+1
		line += strings.Count(text[counted:c.Start], "\n")
		counted = c.Start
		c.Line = line
		list = append(list, c)
	}
	return list
}

// read tells what the run of bytes from start to end addresses.
func (f flat) read(start, end int) (Called, bool) {
	run := strings.TrimRight(f.text[start:end], ".:,!")
	c := Called{}
	var before byte = ' '
	if start > 0 {
		before = f.text[start-1]
	}
	c.Quoted = strings.IndexByte("\"'`", before) >= 0
	path, query, _ := strings.Cut(run, "?")
	first, rest, _ := strings.Cut(path, "/")
	switch {
	case first == "": // "/x"
		c.Bare = true
		if diskPath.MatchString(path) || strings.HasPrefix(path, "//") || strings.IndexByte("\"'` \t\n(=>,[{|", before) < 0 {
			return c, false
		}
		rest = path
	case strings.HasSuffix(first, ":") && strings.HasPrefix(rest, "/"): // "https://host/x"
		c.Host, rest, _ = strings.Cut(strings.TrimPrefix(rest, "/"), "/")
		c.Host, _, _ = strings.Cut(c.Host, ":")
		if foreign.MatchString(c.Host) || first == "file:" {
			return c, false
		}
		if strings.Contains(c.Host, value) {
			c.Host = ""
		}
	case strings.Contains(first, value), ported.MatchString(first), hosted.MatchString(first) && (before == ' ' || c.Quoted):
	default:
		if strings.ContainsAny(first[:1], ".@~#<") || !c.Quoted || !relative.MatchString(f.text[max(0, start-90):start]) {
			return c, false
		}
		c.Bare, rest = true, path
	}
	c.Segments, c.Raw = Segments(rest), strings.ReplaceAll(path, value, "*")
	if n := len(c.Segments); n == 0 || n > 20 {
		return c, false
	} else if name, ok := strings.CutSuffix(c.Segments[n-1], ".json"); ok {
		c.Segments[n-1] = name
	}
	for _, q := range queryName.FindAllStringSubmatch("?"+query, -1) {
		c.Query = append(c.Query, q[1])
	}
	c.Method = f.method(start, start+len(run))
	return c, true
}

var (
	ported = lazy.New(`^(localhost|[\w.-]*:\d+)$`)
	hosted = lazy.New(`^[\w-]+(\.[\w-]+)+$`)
)

// method is how the address from start to end is asked for, as far as the text around it says.
func (f flat) method(start, end int) string {
	before, after := f.text[max(0, start-120):start], f.text[end:min(len(f.text), end+300)]
	if m := namedVerb.FindStringSubmatch(before); m != nil {
		return strings.ToUpper(m[1])
	}
	if m := askedWith.FindStringSubmatch(before); m != nil {
		return strings.ToUpper(m[1])
	}
	if m := httpLine.FindStringSubmatch(before); m != nil {
		return m[1]
	}
	command := f.command(start, end)
	switch {
	case strings.Contains(command, "curl "):
		if m := curlVerb.FindStringSubmatch(command); m != nil {
			return m[1]
		}
		if curlBody.MatchString(command) && !curlGet.MatchString(command) {
			return "POST"
		}
		if !strings.Contains(command, "@") && !strings.Contains(command, "-K") {
			return "GET"
		}
	case fetched.MatchString(before):
		if m := fetchVerb.FindStringSubmatch(after); m != nil {
			return strings.ToUpper(m[1])
		}
		if strings.HasPrefix(strings.TrimLeft(after, "\"'`"), ")") {
			return "GET"
		}
	}
	return ""
}

var (
	httpLine = lazy.New(`(?:^|[\s` + "`" + `"(])(GET|POST|PUT|PATCH|DELETE)\s+$`)
	fetched  = lazy.New(`(?i)\bfetch\w*\(\s*["'` + "`" + `]?$`)
)

// command is the shell command around a place: its line with those that a backslash joins to it.
func (f flat) command(start, end int) string {
	from, to := max(0, start-2000), min(len(f.text), end+2000)
	head, tail := f.text[from:start], f.text[end:to]
	for cut := len(head); ; {
		i := strings.LastIndexByte(head[:cut], '\n')
		if i < 0 {
			break
		}
		if !strings.HasSuffix(strings.TrimRight(head[:i], " \t\r"), `\`) {
			head = head[i+1:]
			break
		}
		cut = i
	}
	for cut := 0; ; {
		i := strings.IndexByte(tail[cut:], '\n')
		if i < 0 {
			break
		}
		if !strings.HasSuffix(strings.TrimRight(tail[:cut+i], " \t\r"), `\`) {
			tail = tail[:cut+i]
			break
		}
		cut += i + 1
	}
	return head + f.text[start:end] + tail
}

// Mentions is the first of the addresses that a text names which the route answers.
func (r Route) Mentions(list []Called) (Called, bool) {
	i := slices.IndexFunc(list, func(c Called) bool { return r.Answers(c.Segments) })
	if i < 0 {
		return Called{}, false
	}
	return list[i], true
}
