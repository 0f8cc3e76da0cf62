package environment

import (
	"strings"
	"testing"
)

// The tokens are put together here, so that no scanner takes this file for a leak.
func TestTokens(t *testing.T) {
	random := "mK3vXw9TQ2yBn7RfLz0HdAu8PqYc1ZtV6sJeWb4NgKxOi5RaMhDl2FoTrEyUvQwSk"
	for name, want := range map[string]bool{
		"SG." + random[:22] + "." + random[22:65]:      true,
		"sk_" + "live_" + random[:24]:                  true,
		"ghp_" + random[:36]:                           true,
		"pk_" + "live_" + random[:24]:                  false,
		"SG." + strings.Repeat("x", 22) + "." + "xxxx": false,
		"task-force-is-what-this-text-speaks-of":       false,
	} {
		token := tokens.FindString("key = \"" + name + "\"")
		if got := token != "" && !placeholder.MatchString(token) && entropy(token) > 3; got != want {
			t.Errorf("%s...: %v, want %v", name[:6], got, want)
		}
	}
}
