package source

// Replacement puts text over a range of bytes of the file.
type Replacement struct {
	Span
	Text     string
	Whole    bool // one plain or quoted scalar is replaced by another: by what they read as,
	Old, New string
}

// Splice returns doc with the replacements made, which are sorted and do not overlap; doc itself when there are none.
func Splice(doc []byte, replacements []Replacement) []byte {
	if len(replacements) == 0 {
		return doc
	}
	size := len(doc)
	for _, r := range replacements {
		size += len(r.Text) - (r.End - r.Start)
	}
	edited, done := make([]byte, 0, max(size, 0)), 0
	for _, r := range replacements {
		edited = append(edited, doc[done:max(r.Start, done)]...)
		edited = append(edited, r.Text...)
		done = r.End
	}
	return append(edited, doc[done:]...)
}
