package doctor

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
)

// TestDoctorNamesTheLinesThatADaemonLacks of what is known of its configuration, or may lack.
func TestDoctorNamesTheLinesThatADaemonLacks(t *testing.T) {
	missing := []daemon.Registry{{Host: "plain.test:5000", HTTP: true}}
	remote := daemon.Candidate{Name: daemon.CandidateHost, Address: "tcp://builder:1234"}
	if _, path := daemonConfig(remote); path != "" {
		t.Errorf("of another machine %s is read", path)
	}
	for file, want := range map[string]string{
		"": "whether tcp://builder:1234 knows it too cannot be seen", "/etc/buildkit/buildkitd.toml": "/etc/buildkit/buildkitd.toml does not say how plain.test:5000",
	} {
		found := missingFinding(remote, file, missing)
		if found.Status != doctor.Warn || !strings.Contains(found.Text, want) || !strings.Contains(found.Remedy, "[registry.'plain.test:5000']\nhttp = true") {
			t.Errorf("%+v", found)
		}
	}
}
