package review

import (
	"strings"
	"unicode"
)

// Words of names and of sentences, cut down to what they have in common.

// wordsOf are the words of a text in their order, cut to their stems; names are cut into theirs.
func wordsOf(text string) []string {
	var list []string
	for _, run := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) }) {
		for _, w := range camelParts(run) {
			if len(w) > 1 {
				list = append(list, stem(w))
			}
		}
	}
	return list
}

// camelParts cuts maxUploadMB into max, Upload, MB.
func camelParts(run string) []string {
	var list []string
	r := []rune(run)
	from := 0
	for i := 1; i < len(r); i++ {
		lowerUpper := unicode.IsLower(r[i-1]) && unicode.IsUpper(r[i])
		endOfCapitals := unicode.IsUpper(r[i-1]) && unicode.IsUpper(r[i]) && i+1 < len(r) && unicode.IsLower(r[i+1]) && string(r[i:]) != "Bs"
		if lowerUpper || endOfCapitals {
			list = append(list, string(r[from:i]))
			from = i
		}
	}
	return append(list, string(r[from:]))
}

// endings are cut off, the longest that leaves four letters first.
var endings = []string{"ations", "ation", "ings", "ions", "ing", "ion", "ies", "ers", "ied", "es", "ed", "er", "e", "s", "y"}

// stem brings upload, uploads and uploading to one form.
func stem(word string) string {
	word = strings.ToLower(word)
	for _, e := range endings {
		if rest, ok := strings.CutSuffix(word, e); ok && len(rest) >= 3 {
			if len(rest) > 4 && rest[len(rest)-1] == rest[len(rest)-2] {
				rest = rest[:len(rest)-1] // shipping, ship
			}
			return rest
		}
	}
	return word
}

// stems is a set of words by their stems.
func stems(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[stem(w)] = true
	}
	return set
}

// saysNothing are words of names that tell nothing about what a value is for: of languages, types and bounds.
var saysNothing = stems(`max maximum min minimum limit limits default defaults const static final int integer float double long short
	string str bool boolean number num val value values var let def func function fn public private protected internal readonly
	return export self this new size count length len total amount config configuration settings setting options option opts
	constants constant if else and or not is are be has the a an of in on to for from by with at per each any all none null nil true
	false get set use used main init void type types data env key name field cls class struct object obj args kwargs time date unit
	window period policy policies rule rules
	duration timedelta timespan delta chrono millis nanos seconds minutes hours days bytes
	per int32 int64 uint usize decimal bigint numeric math parse util utils common lib src app api core base model models service
	services server index mod page pages test it we you can will your our their up most least than more less only every`)

// generic are words that many values share: another one has to stand beside them.
var generic = stems(`timeout retry retries attempt attempts interval delay wait ttl age batch chunk buffer pool cache queue
	worker workers thread threads concurrency port level depth width height weight threshold rate ratio factor file item items list
	user users row rows result results line lines request requests response`)

// meaning brings words that names and sentences use for the same thing to one of them.
var meaning = func() map[string]string {
	m := map[string]string{}
	for group := range strings.SplitSeq(`retention retain keep kept store stored|expiry expire expires expiration valid validity lifetime ttl ends lasts|idle inactivity inactive|
		refund refunds money-back|price cost fee|attempt attempts try tries retry retries retried|attachment attach attached|lockout locked lock|
		cancel cancellation cancelled|shipping ship shipped delivery deliver|seat seats member members|quota allowance|trash bin deleted|backup backups snapshot|
		invite invitation invitations|rate throttle throttled|sms text-message|otp one-time verification|`, "|") {
		first := ""
		for w := range strings.FieldsSeq(group) {
			if first == "" {
				first = stem(w)
			}
			m[stem(w)] = first
		}
	}
	return m
}()

// meant is a word, or the one that stands for all of its meaning.
func meant(word string) string {
	if m := meaning[word]; m != "" {
		return m
	}
	return word
}
