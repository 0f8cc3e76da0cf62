package branch

// Trailers by the rules of git-interpret-trailers (git's trailer.c): the last paragraph of a message, when all of
// it are trailers, or when one that git itself writes is among them and a quarter of it are.

import "strings"

// gitTrailers are the line starts that git itself writes.
var gitTrailers = []string{"Signed-off-by: ", "(cherry picked from commit "}

// parseTrailers are the trailers of a commit message, folded lines joined.
func parseTrailers(message string) []Trailer {
	lines := strings.Split(strings.TrimRight(message, "\n\r\t "), "\n")
	first := trailerBlock(lines)
	var list []Trailer
	for _, line := range lines[first:] {
		line = strings.TrimSuffix(line, "\r")
		if strings.HasPrefix(line, "#") {
			continue
		}
		if folded := line != strings.TrimLeft(line, " \t"); folded {
			if len(list) > 0 {
				last := &list[len(list)-1]
				last.Value = strings.TrimSpace(last.Value + " " + strings.TrimSpace(line))
			}
			continue
		}
		if at := separator(line); at > 0 {
			list = append(list, Trailer{Key: strings.TrimSpace(line[:at]), Value: strings.TrimSpace(line[at+1:])})
		}
	}
	return list
}

// trailerBlock is the index of the first line of the trailers, len(lines) when there are none.
func trailerBlock(lines []string) int {
	title := 0
	for title < len(lines) && (strings.HasPrefix(lines[title], "#") || strings.TrimSpace(lines[title]) != "") {
		title++
	}
	trailers, others, folded, byGit := 0, 0, 0, false
	for i := len(lines) - 1; i >= title; i-- {
		line := lines[i]
		switch {
		case strings.HasPrefix(line, "#"):
			others += folded
			folded = 0
		case strings.TrimSpace(line) == "":
			others += folded
			if byGit && trailers*3 >= others || trailers > 0 && others == 0 {
				return i + 1
			}
			return len(lines)
		case strings.HasPrefix(line, gitTrailers[0]), strings.HasPrefix(line, gitTrailers[1]):
			trailers, folded, byGit = trailers+1, 0, true
		case line[0] == ' ' || line[0] == '\t':
			folded++
		case separator(line) > 0:
			trailers, folded = trailers+1, 0
		default:
			others += 1 + folded
			folded = 0
		}
	}
	return len(lines)
}

// separator is the index of the colon after a key: letters, digits and hyphens, and blanks only behind them.
func separator(line string) int {
	blank := false
	for i := range len(line) {
		c := line[i]
		switch {
		case c == ':':
			return i
		case !blank && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-'):
		case i > 0 && (c == ' ' || c == '\t'):
			blank = true
		default:
			return -1
		}
	}
	return -1
}
