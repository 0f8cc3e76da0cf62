package contracts

import (
	"context"
	"path"
	"strconv"
	"strings"

	"flightpoll/detectors/contracts/protobuf"
)

// protoDialect begins the dialects of the shapes that messages of protobuf have in JSON.
const protoDialect = "proto"

func isMessage(s *shape) bool { return strings.HasPrefix(s.dialect, protoDialect) }

// messages are the messages of a .proto file as JSON has them: with the names of protobuf's mapping, in lowerCamelCase, and
// with the names as they are written, which encoders can be told to keep.
func (s *survey) messages(at side, p string) []*shape {
	if path.Ext(p) != ".proto" {
		return nil
	}
	if s.protos == nil {
		s.protos = map[bool]*protobuf.Set{}
	}
	if s.protos[at.base] == nil {
		s.protos[at.base] = protobuf.NewSet(context.Background(), protoTree(at))
	}
	var list []*shape
	for _, r := range s.protos[at.base].File(p).Records() {
		if r.Kind != protobuf.Message || len(r.Members) == 0 {
			continue
		}
		mapped := &shape{owner: r.Name, dialect: protoDialect, path: p, line: r.Line, end: r.Line, pinned: true}
		written := &shape{owner: r.Name, dialect: protoDialect + " as written", path: p, line: r.Line, end: r.Line, pinned: true}
		differ := false
		for _, m := range r.Members {
			// By its number a field is followed to another name.
			f := field{wire: m.JSON, name: strconv.Itoa(m.Number), line: m.Line, optional: true, pinned: true}
			mapped.fields = append(mapped.fields, f)
			f.wire = m.Name
			written.fields = append(written.fields, f)
			differ = differ || m.JSON != m.Name
			mapped.end, written.end = max(mapped.end, m.Line), max(written.end, m.Line)
		}
		list = append(list, mapped)
		if differ {
			list = append(list, written)
		}
	}
	return list
}
