package scripts

import (
	"strings"
	"testing"
	"time"
)

func TestSQLIsBounded(t *testing.T) {
	for name, text := range map[string]string{
		"many statements": strings.Repeat("UPDATE a SET b = 1;\n", 20000),
		"one long":        "INSERT INTO a VALUES " + strings.Repeat("(1, 'x'),", 200000) + "(2, 'y');",
		"deep":            "SELECT " + strings.Repeat("(", 20000) + "1" + strings.Repeat(")", 20000) + ";",
		"deep, shallow":   "SELECT " + strings.Repeat("(", 390) + "1" + strings.Repeat(")", 390) + ";",
		"not not not":     "SELECT " + strings.Repeat("NOT ", 15000) + "true;",
		"minus":           "SELECT 1" + strings.Repeat(" - 1", 15000) + ";",
		"case":            "SELECT " + strings.Repeat("CASE WHEN 1=1 THEN ", 3000) + "1" + strings.Repeat(" END", 3000) + ";",
		"nul bytes":       "UPDATE a\x00b SET c = 1; DELETE FROM \x00;",
		"open quote":      "UPDATE a SET b = 'x",
		"open dollar":     "DO $x$ BEGIN",
		"open comment":    "/* DELETE FROM a;",
		"delimiters":      "DELIMITER ;;\nDELETE FROM a;;\nDELIMITER",
		"semicolons":      strings.Repeat(";", 100000),
		"triggers":        strings.Repeat("CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET b = 1;", 2000),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			readSQL(text, 1)
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}
