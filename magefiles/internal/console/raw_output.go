package console

import "bytes"

// rawOutput is a raw writer into a console, within a stage's fold or outside of all.
type rawOutput struct {
	console *Console
	stage   *Stage
}

func (o rawOutput) Write(p []byte) (int, error) {
	c := o.console
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(p) == 0 {
		return 0, nil
	}
	if c.fold != o.stage || startsFold(p) {
		c.endFold()
	}
	return c.screen.writeRaw(p)
}

// startsFold reports whether output folds itself, as a build does with each component. GitHub knows no fold in a fold: the
// end of the inner one would end the stage's.
func startsFold(p []byte) bool {
	return bytes.HasPrefix(p, []byte("::group::")) || bytes.Contains(p, []byte("\n::group::"))
}
