package review

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors/lazy"
)

// Amounts with their units, as code and as sentences write them.

// dimension is what an amount measures.
type dimension string

const (
	size     dimension = "bytes"
	duration dimension = "seconds"
	money    dimension = "money"
	share    dimension = "percent"
	pieces   dimension = "pieces"
)

// unit is a dimension with what one of it is in bytes, seconds, currency or percent.
type unit struct {
	of     dimension
	factor float64
}

const (
	minute = 60
	hour   = 60 * minute
	day    = 24 * hour
)

// units by how code and people write them, in lower case and in the singular.
var units = map[string]unit{
	"byte": {size, 1}, "kb": {size, 1 << 10}, "kib": {size, 1 << 10}, "kilobyte": {size, 1 << 10}, "mb": {size, 1 << 20}, "mib": {size, 1 << 20},
	"megabyte": {size, 1 << 20}, "mo": {size, 1 << 20}, "gb": {size, 1 << 30}, "gib": {size, 1 << 30}, "gigabyte": {size, 1 << 30}, "tb": {size, 1 << 40}, "tib": {size, 1 << 40}, "terabyte": {size, 1 << 40},
	"ms": {duration, 1e-3}, "milli": {duration, 1e-3}, "millisecond": {duration, 1e-3}, "sec": {duration, 1}, "second": {duration, 1}, "min": {duration, minute},
	"minute": {duration, minute}, "hr": {duration, hour}, "hour": {duration, hour}, "day": {duration, day}, "week": {duration, 7 * day}, "fortnight": {duration, 14 * day},
	"month": {duration, 30 * day}, "year": {duration, 365 * day},
	"usd": {money, 1}, "eur": {money, 1}, "euro": {money, 1}, "dollar": {money, 1}, "gbp": {money, 1}, "chf": {money, 1}, "pound": {money, 1}, "cent": {money, 0.01},
	"tag": {duration, day}, "tage": {duration, day}, "tagen": {duration, day}, "jour": {duration, day}, "día": {duration, day}, "dia": {duration, day}, "giorni": {duration, day}, "dagen": {duration, day},
	"stunde": {duration, hour}, "stunden": {duration, hour}, "heure": {duration, hour}, "hora": {duration, hour}, "uur": {duration, hour}, "minuten": {duration, minute}, "minuto": {duration, minute}, "minuti": {duration, minute},
	"woche": {duration, 7 * day}, "wochen": {duration, 7 * day}, "semaine": {duration, 7 * day}, "semana": {duration, 7 * day}, "monat": {duration, 30 * day}, "monate": {duration, 30 * day}, "mois": {duration, 30 * day},
	"pct": {share, 1}, "percent": {share, 1}, "percentage": {share, 1},
}

// attached are units that count only right behind a number: 30s, 15m.
var attached = map[string]unit{"s": {duration, 1}, "m": {duration, minute}, "h": {duration, hour}, "d": {duration, day}, "b": {size, 1}, "k": {size, 1 << 10}, "g": {size, 1 << 30}}

// unitOf finds a unit by its word, a plural included.
func unitOf(word string) (unit, bool) {
	word = strings.ToLower(word)
	if u, ok := units[word]; ok {
		return u, true
	}
	u, ok := units[strings.TrimSuffix(word, "s")]
	return u, ok
}

// spokenOnly are units of sentences in other languages, which in code are words of their own: tags, mo.
var spokenOnly = []string{"tag", "tage", "tagen", "jour", "día", "dia", "giorni", "dagen", "stunde", "stunden", "heure", "hora", "uur", "mo", "mois"}

// codeUnit finds a unit by its word in a name of code.
func codeUnit(word string) (unit, bool) {
	if w := strings.ToLower(word); slices.Contains(spokenOnly, w) || slices.Contains(spokenOnly, strings.TrimSuffix(w, "s")) {
		return unit{}, false
	}
	return unitOf(word)
}

// amount is a number of something, in the base unit of its dimension.
type amount struct {
	of    dimension
	value float64
}

func (a amount) same(b amount) bool {
	if a.of != b.of {
		return false
	}
	if math.Abs(a.value-b.value) <= 1e-9*math.Max(math.Abs(a.value), math.Abs(b.value)) {
		return true
	}
	if a.of != size || a.value <= 0 || b.value <= 0 {
		return false
	}
	// 10 MB is 10,000,000 to some and 10,485,760 to others.
	ratio := math.Max(a.value, b.value) / math.Min(a.value, b.value)
	for _, r := range []float64{1.024, 1.024 * 1.024, 1.024 * 1.024 * 1.024} {
		if math.Abs(ratio-r) < 1e-9 {
			return true
		}
	}
	return false
}

// stated is an amount that a sentence states.
type stated struct {
	amount
	at, end int
}

var numberWords = map[string]float64{
	"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fourteen": 14,
	"fifteen": 15, "sixteen": 16, "twenty": 20, "thirty": 30, "forty": 40, "forty-five": 45, "fifty": 50, "sixty": 60, "ninety": 90, "hundred": 100,
}

var (
	numeral   = lazy.New(`(?i)([$€£]\s?)?\b(\d{1,3}(?:[,_ '\x{202f}\x{a0}]\d{3})+\b|\d+(?:\.\d+)?|twenty|thirty|forty-five|forty|fifty|sixty|ninety|hundred|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fourteen|fifteen|sixteen)([-\s\x{a0}\x{202f}]{0,2})(%|€|\$|£|\p{L}+)?`)
	groupMark = strings.NewReplacer(",", "", "_", "", " ", "", "'", "", "\u202f", "", "\u00a0", "")
)

// statedIn are the amounts that a text states; what belongs to a version, an address or a name is none.
func statedIn(text string) []stated {
	var list []stated
	for _, m := range numeral.FindAllStringSubmatchIndex(text, 200) {
		from, end := m[4], m[5]
		if partOfName(text, m[0], end) {
			continue
		}
		word := strings.ToLower(text[from:end])
		value, ok := numberWords[word]
		if !ok {
			var err error
			if value, err = strconv.ParseFloat(groupMark.Replace(word), 64); err != nil {
				continue
			}
		}
		s := stated{amount: amount{pieces, value}, at: from, end: end}
		if m[2] >= 0 {
			s.amount, s.at = amount{money, value}, m[2]
		} else if m[8] >= 0 {
			behind := text[m[8]:m[9]]
			u, known := unitOf(behind)
			switch {
			case behind == "%":
				u, known = unit{share, 1}, true
			case behind == "€" || behind == "$" || behind == "£":
				u, known = unit{money, 1}, true
			case !known && m[6] == m[7]:
				u, known = attached[strings.ToLower(behind)]
			}
			if known {
				s.amount, s.end = amount{u.of, value * u.factor}, m[9]
			}
		}
		list = append(list, s)
	}
	return list
}

// partOfName says whether a number is part of a longer thing: 1.2.3, v2, #12, /v1/30, 2026-03-01, 10:30.
func partOfName(text string, at, end int) bool {
	if at > 0 {
		before := text[at-1]
		if strings.IndexByte("./#:_@-", before) >= 0 && (at < 2 || text[at-2] != ' ' && text[at-2] != '\n' || before == '#' || before == '.') && (before != ':' || at > 1 && text[at-2] >= '0' && text[at-2] <= '9') {
			return true
		}
	}
	if end+1 < len(text) && strings.IndexByte(".-:/_", text[end]) >= 0 && text[end+1] >= '0' && text[end+1] <= '9' {
		return true
	}
	return false
}

// nearWords are up to n words before and behind a place of a text, not past the end of the sentence.
func nearWords(text string, at, end, n int) []string {
	before := text[:at]
	if i := strings.LastIndexAny(before, ".;!?\n"); i >= 0 && strings.TrimSpace(before[i+1:]) != "" {
		before = before[i+1:]
	}
	behind := text[end:]
	if i := strings.IndexAny(behind, ".;!?\n"); i >= 0 {
		behind = behind[:i]
	}
	left, right := wordsOf(before), wordsOf(behind)
	return slices.Concat(left[max(0, len(left)-n):], right[:min(n, len(right))])
}
