package contracts

import "flightpoll/detectors/source/document"

// documentOf is the first document of a JSON or YAML text, nil for what is neither, or more than is read of one file.
func documentOf(text []byte) *document.Node {
	list := documentsOf(text)
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// documentsOf are those of its documents that can be walked in bounded time.
func documentsOf(text []byte) []*document.Node {
	if len(text) > maxSchema {
		return nil
	}
	list, err := document.YAML("", text)
	if err != nil {
		return nil
	}
	for i, n := range list {
		if !n.Walkable() {
			return list[:i]
		}
	}
	return list
}
