// Package protobuf reads the .proto files of one side of a branch and compares two sides by the rules of buf
// (buf.build/docs/breaking/rules). It knows nothing of detectors: a Tree gives it paths and texts, Compare gives breaks.
package protobuf
