// Package tui is the terminal program: one Bubble Tea model over one checklist.Session, and a plain mode without
// redrawing for screen readers and dumb terminals.
//
// It knows findings, items and answers, and how to draw them. It reads no git and judges nothing: what it does besides
// drawing stands in Backend.
package tui
