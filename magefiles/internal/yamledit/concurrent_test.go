package yamledit_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit"
)

// This test is for the race detector: yqlib keeps package variables.
func TestApplyConcurrently(t *testing.T) {
	layout, anchors := fixture(t, "layout.yaml"), fixture(t, "anchors.yaml")
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for j := range 10 {
				value := fmt.Sprintf("v%d-%d", i, j)
				edit, err := yamledit.Apply(layout, `.last.imageTag = "`+value+`"`)
				if err != nil || !strings.HasSuffix(string(edit.Bytes), value+`"`) {
					t.Errorf("%s: %v", value, err)
				}
				for _, expression := range []string{`.last.imageTag |= envsubst(nu)`, `.batch.tag = "\(.core.name)-x"`, `.both.tag = "x"`} {
					if _, err := yamledit.Apply(anchors, expression); err == nil && !strings.Contains(expression, "core.name") {
						t.Errorf("%s is not refused", expression)
					}
				}
			}
		})
	}
	group.Wait()
}
