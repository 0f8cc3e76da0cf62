package scripts

// Which reader a file belongs to.

import (
	"bytes"
	"path"
	"strings"

	"flightpoll/detectors/source"
)

// readScript reads the file at p as a migration or a script, nil when it is neither. read gives other files of the
// same side, nil when absent.
func readScript(p, text string, read func(string) []byte) *script {
	if strings.Contains(p, "initdb.d/") { // runs on an empty database alone
		return nil
	}
	switch ext := strings.ToLower(path.Ext(p)); ext {
	case ".sql":
		return readSQLFile(p, text, read)
	case ".rb", ".rake":
		if s := readRails(p, text); s != nil {
			return s
		}
		if r, ok := startedBy(source.Ruby, p, text); ok {
			if s := rubyProgram(p, text); s != nil {
				s.runner = r
				return s
			}
		}
		return nil
	case ".sh", ".bash", "":
		if ext == "" && !bytes.HasPrefix([]byte(text), []byte("#!")) {
			return nil
		}
		return readShell(p, text)
	case ".py":
		if s := readAlembic(p, text); s != nil {
			return s
		}
		if s := readDjango(p, text); s != nil {
			return s
		}
		if s := readYoyo(p, text); s != nil {
			return s
		}
		return readProgram(p, text)
	case ".js", ".ts", ".mjs", ".cjs", ".mts", ".cts":
		if s := readJavaScript(p, text); s != nil {
			return s
		}
		return readProgram(p, text)
	case ".go":
		if s := readGooseGo(p, text); s != nil {
			return s
		}
		if s := readGormigrate(p, text); s != nil {
			return s
		}
		return readProgram(p, text)
	case ".php":
		if s := readLaravel(p, text); s != nil {
			return s
		}
		if s := readDoctrine(p, text); s != nil {
			return s
		}
		return readProgram(p, text)
	case ".exs", ".ex":
		if s := readEcto(p, text); s != nil {
			return s
		}
		return readElixir(p, text)
	case ".cs":
		if s := readEntityFramework(p, text); s != nil {
			return s
		}
		return readProgram(p, text)
	case ".rs":
		if s := readSeaORM(p, text); s != nil {
			return s
		}
		return readProgram(p, text)
	case ".java", ".kt", ".kts":
		if s := readProgram(p, text); s != nil || ext == ".java" {
			return s
		}
		return readExposed(p, text)
	case ".xml", ".yaml", ".yml":
		return readChangelog(p, text)
	default:
		if bytes.HasPrefix([]byte(text), []byte("#!")) {
			return readShell(p, text)
		}
	}
	return nil
}
