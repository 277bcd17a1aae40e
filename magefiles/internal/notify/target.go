package notify

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/discord"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/slack"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/teams"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/email/smtp"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/specialized/generic"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/redact"
	"github.com/xiilab/astrago-ci/magefiles/internal/transport"
)

// serviceTarget is one address, ready to be sent to.
type serviceTarget struct {
	name    string // of the service, for messages
	service types.Service
	style   messageStyle
	secret  *redact.Redactor
}

// customAddress is implemented by services that also take a web address as it is: teams+https://…, generic+https://….
type customAddress interface {
	GetConfigURLFromCustom(customURL *url.URL) (*url.URL, error)
}

// The five services and how each wants a message. All that shoutrrr knows would be 23 more packages to compile.
func newTarget(scheme string) (serviceTarget, bool) {
	switch scheme {
	case slack.Scheme:
		return serviceTarget{name: "Slack", service: &slack.Service{}, style: slackStyle()}, true
	case discord.Scheme:
		return serviceTarget{name: "Discord", service: &discord.Service{}, style: discordStyle()}, true
	case teams.Scheme:
		return serviceTarget{name: "Teams", service: &teams.Service{}, style: teamsStyle()}, true
	case smtp.Scheme:
		return serviceTarget{name: "mail", service: &smtp.Service{}, style: mailStyle()}, true
	case generic.Scheme:
		return serviceTarget{name: "a webhook", service: &generic.Service{}, style: plainStyle()}, true
	}
	return serviceTarget{}, false
}

const addressRemedy = "write a shoutrrr address: slack://, discord://, teams://, smtp:// or generic+https://, " +
	"see https://shoutrrr.nickfedor.com; several are separated by white space"

// parseTarget reads an address. Its errors never quote it.
func parseTarget(address string) (serviceTarget, error) {
	given, workflow := address, workflowHook.MatchString(address)
	if address = nativeAddress(address); workflow {
		address = "generic+" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return serviceTarget{}, problem.New(problem.Usage, addressRemedy, "reading an address of messages: it is not a URL")
	}
	scheme, inner, _ := strings.Cut(u.Scheme, "+")
	t, ok := newTarget(scheme)
	if !ok {
		return serviceTarget{}, problem.New(problem.Usage, addressRemedy,
			"reading an address of messages: unknown service %q", u.Scheme)
	}
	if workflow {
		t.name, t.style = "Teams", workflowStyle()
	}
	t.secret = redact.New(given, address)
	t.secret.Guess(addressSecrets(u)...)
	if from, takes := t.service.(customAddress); takes && inner != "" {
		if u, err = from.GetConfigURLFromCustom(u); err != nil {
			return serviceTarget{}, t.malformedAddress(err)
		}
	}
	if err := t.service.Initialize(u, nil); err != nil {
		return serviceTarget{}, t.malformedAddress(err)
	}
	if mail, ok := t.service.(*smtp.Service); ok {
		if err := requireTLS(mail.Config); err != nil {
			return serviceTarget{}, err
		}
	}
	if t.style.template == "" {
		return t, nil
	}
	return t, t.service.SetTemplateString(templateName, t.style.template)
}

// requireTLS refuses a mail server without STARTTLS, also where the offer was taken out on the way. One on this machine may do
// without.
func requireTLS(c *smtp.Config) error {
	implicit := c.Encryption == smtp.EncImplicitTLS || c.Encryption == smtp.EncAuto && c.Port == smtp.ImplicitTLSPort
	switch {
	case implicit, transport.IsLoopback(c.Host):
		return nil
	case !c.UseStartTLS:
		return problem.New(problem.Usage, "leave out starttls=no, or write encryption=ImplicitTLS with the port of TLS, 465",
			"reading an address for mail: the message would travel in the clear to a server elsewhere")
	}
	c.RequireStartTLS = true
	return nil
}

func (t serviceTarget) malformedAddress(err error) error {
	return problem.New(problem.Usage, addressRemedy, "reading an address for %s: %s", t.name, t.withoutSecrets(err))
}

// The addresses that services give out, and their parts. Teams has had two: those of connectors, which Microsoft retires,
// and those of Workflows.
var (
	slackHook   = regexp.MustCompile(`^https://hooks\.slack\.com/services/([A-Z0-9]+)/([A-Z0-9]+)/([A-Za-z0-9]+)$`)
	discordHook = regexp.MustCompile(`^https://(?:\w+\.)?discord(?:app)?\.com/api/webhooks/([0-9]+)/([\w-]+)$`)
	teamsHook   = regexp.MustCompile(`^https://[\w-]+\.webhook\.office\.com/.+$`)

	workflowHook = regexp.MustCompile(`^https://[\w.-]+\.(?:logic\.azure\.com|api\.powerplatform\.com)(?::443)?/.*workflows/.+$`)
)

// nativeAddress turns an address as a service gives it out into shoutrrr's form.
func nativeAddress(address string) string {
	switch {
	case slackHook.MatchString(address):
		return slackHook.ReplaceAllString(address, "slack://hook:$1-$2-$3@webhook")
	case discordHook.MatchString(address):
		return discordHook.ReplaceAllString(address, "discord://$2@$1")
	case teamsHook.MatchString(address):
		return "teams+" + address
	}
	return address
}

// addressSecrets are the parts of an address that errors of the network and of services may repeat.
func addressSecrets(u *url.URL) []string {
	password, _ := u.User.Password()
	parts := []string{u.String(), u.User.Username(), password, u.RequestURI()}
	parts = append(parts, strings.FieldsFunc(password+"/"+u.Path, func(r rune) bool { return r == '/' || r == '-' || r == '@' })...)
	for _, values := range u.Query() {
		parts = append(parts, values...)
	}
	return parts
}

// webAddress matches a request's address; only its host may be shown.
var webAddress = regexp.MustCompile(`(https?://[^/\s"']+)[^\s"']*`)

// withoutSecrets makes an error of a service safe to show, and one line.
func (t serviceTarget) withoutSecrets(err error) string {
	text := strings.Join(strings.Fields(webAddress.ReplaceAllString(err.Error(), "$1/…")), " ")
	text = t.secret.String(text)
	if runes := []rune(text); len(runes) > 300 {
		text = string(runes[:300]) + "…"
	}
	return text
}
