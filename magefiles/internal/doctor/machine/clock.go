package machine

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
)

// How far a clock may be off: tokens are good for minutes, and GitHub takes those of an App for a minute before their time.
const (
	skewWarns = 30 * time.Second
	skewFails = 5 * time.Minute
)

// Clock holds this machine's clock against the Date of the servers' answers (RFC 9110, section 6.6.1), of which any does,
// also a refusal: nothing is sent but the request. Servers that do not answer are left out.
func Clock(ctx context.Context, client *http.Client, addresses []string) doctor.Finding {
	var told []string
	worst, host := time.Duration(-1), ""
	for _, address := range addresses {
		skew, name, err := clockSkew(ctx, client, address)
		if err != nil {
			continue
		}
		told = append(told, name)
		if skew.Abs() > worst.Abs() || worst < 0 && host == "" {
			worst, host = skew, name
		}
	}
	switch {
	case len(told) == 0:
		return doctor.Finding{Status: doctor.Skipped, Text: "no server tells the time"}
	case worst.Abs() < skewWarns:
		return doctor.Finding{Status: doctor.OK, Text: "in sync with " + strings.Join(told, " and ")}
	}
	direction := "ahead of"
	if worst < 0 {
		direction = "behind"
	}
	found := doctor.Finding{
		Status: doctor.Warn, Text: fmt.Sprintf("%s %s %s", worst.Abs().Round(time.Second), direction, host),
		Remedy: "set the clock: timedatectl set-ntp true",
	}
	if worst.Abs() >= skewFails {
		found.Status, found.Text = doctor.Fail, found.Text+": tokens seem expired, or not yet valid"
	}
	return found
}

// clockSkew returns by how much this clock is ahead of a server's. The server's has whole seconds and was read between two readings of this
// clock: a difference within these bounds counts as none.
func clockSkew(ctx context.Context, client *http.Client, address string) (ahead time.Duration, host string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, "", err
	}
	began := time.Now()
	response, err := client.Do(request)
	if err != nil {
		return 0, "", err
	}
	ended := time.Now()
	_ = response.Body.Close()
	date, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		return 0, "", err
	}
	if early := began.Sub(date.Add(time.Second)); early > 0 {
		ahead = early
	} else if late := ended.Sub(date); late < 0 {
		ahead = late
	}
	return ahead, hostOf(address), nil
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Host
}
