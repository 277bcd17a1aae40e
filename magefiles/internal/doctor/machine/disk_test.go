package machine

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
)

func TestDisk(t *testing.T) {
	dir := t.TempDir()
	places := []Place{{".astrago/", filepath.Join(dir, "not", "made")}}
	for name, test := range map[string]struct {
		fails, warns uint64
		want         doctor.Status
	}{
		"room":  {0, 0, doctor.OK},
		"tight": {0, math.MaxUint64, doctor.Warn},
		"full":  {math.MaxUint64, math.MaxUint64, doctor.Fail},
	} {
		got := diskFinding(places, test.fails, test.warns)
		if got.Status != test.want || !strings.Contains(got.Text, " for .astrago/") || (got.Remedy == "") != (got.Status == doctor.OK) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("it has left %v, %v", left, err)
	}
	if got := Disk(nil); got.Status != doctor.Skipped {
		t.Errorf("nowhere: %+v", got)
	}
}
