package yamledit

import "errors"

// mostProblems is the number of mistakes of one file that are reported at once: more are mostly one mistake many times.
const mostProblems = 20

// joinProblems joins mistakes, each once and without nils; nil where there are none.
func joinProblems(all ...error) error {
	var kept []error
	seen := map[string]bool{}
	for _, err := range all {
		if err == nil || seen[err.Error()] {
			continue
		}
		seen[err.Error()] = true
		kept = append(kept, err)
	}
	switch {
	case len(kept) == 0:
		return nil
	case len(kept) == 1:
		return kept[0]
	case len(kept) > mostProblems:
		kept = kept[:mostProblems]
	}
	return errors.Join(kept...)
}
