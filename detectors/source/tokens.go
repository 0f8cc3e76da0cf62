package source

import "bytes"

// A token is a run of letters, digits and '_' (and of any byte above ASCII) that starts with no digit and has two to
// maxToken bytes. Its hash is FNV-1a, cut to hashBits.
const (
	maxToken = 120
	hashBits = 40
	fileBits = 64 - hashBits
)

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// wordByte says which bytes belong to a token.
var wordByte = func() (table [256]bool) {
	for b := range table {
		table[b] = isWord(byte(b)) //nolint:gosec // 0..255
	}
	return table
}()

// tokens calls found with the hash of each token of the text.
func tokens(text []byte, found func(hash uint64)) {
	for i := 0; i < len(text); {
		if !wordByte[text[i]] {
			i++
			continue
		}
		start, h := i, uint64(fnvOffset)
		for i < len(text) && wordByte[text[i]] {
			h = (h ^ uint64(text[i])) * fnvPrime
			i++
		}
		if n := i - start; n >= 2 && n <= maxToken && (text[start] < '0' || text[start] > '9') {
			found((h ^ h>>hashBits) << fileBits >> fileBits)
		}
	}
}

// holds says whether the text has the word with no letter, digit or '_' right before or behind it, where the word
// itself begins or ends with one.
func holds(text, word []byte) bool {
	for from := 0; ; {
		i := bytes.Index(text[from:], word)
		if i < 0 {
			return false
		}
		i += from
		after := i + len(word)
		before := i == 0 || !wordByte[word[0]] || !wordByte[text[i-1]]
		if before && (after == len(text) || !wordByte[word[len(word)-1]] || !wordByte[text[after]]) {
			return true
		}
		from = i + 1
	}
}

// isToken says whether the whole word is one token.
func isToken(word string) bool {
	if len(word) < 2 || len(word) > maxToken || word[0] >= '0' && word[0] <= '9' {
		return false
	}
	for i := range len(word) {
		if !wordByte[word[i]] {
			return false
		}
	}
	return true
}

// seen is a set of hashes that is emptied without being touched.
type seen struct {
	slots []uint64
	marks []uint32
	turn  uint32
	count int
}

func newSeen() *seen { return &seen{slots: make([]uint64, 1<<12), marks: make([]uint32, 1<<12)} }

func (s *seen) clear() {
	s.turn++
	s.count = 0
	if s.turn == 0 {
		clear(s.marks)
		s.turn = 1
	}
}

// add says whether the hash is new.
func (s *seen) add(hash uint64) bool {
	if s.count*2 > len(s.slots) {
		s.grow()
	}
	mask := uint64(len(s.slots) - 1) //nolint:gosec // a length
	for i := hash & mask; ; i = (i + 1) & mask {
		if s.marks[i] != s.turn {
			s.slots[i], s.marks[i] = hash, s.turn
			s.count++
			return true
		}
		if s.slots[i] == hash {
			return false
		}
	}
}

func (s *seen) grow() {
	bigger := &seen{slots: make([]uint64, 2*len(s.slots)), marks: make([]uint32, 2*len(s.slots)), turn: 1}
	for i, mark := range s.marks {
		if mark == s.turn {
			bigger.add(s.slots[i])
		}
	}
	*s = *bigger
}
