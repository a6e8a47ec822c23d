package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/cmd/tidegate/metrics"
	"github.com/tidegate/tidegate/drivers"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/access"
	"github.com/tidegate/tidegate/gateway/alarms"
	"github.com/tidegate/tidegate/gateway/certificates"
	"github.com/tidegate/tidegate/gateway/live"
	"github.com/tidegate/tidegate/gateway/machine"
	"github.com/tidegate/tidegate/gateway/memory"
	"github.com/tidegate/tidegate/gateway/pending"
	"github.com/tidegate/tidegate/gateway/poller"
	"github.com/tidegate/tidegate/gateway/supervisor"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/storage"
	"github.com/tidegate/tidegate/storage/config"
	"github.com/tidegate/tidegate/storage/history"
	"github.com/tidegate/tidegate/storage/queue"
	"github.com/tidegate/tidegate/web"
	"github.com/tidegate/tidegate/web/ui"
)

// The parts meet their consumers' interfaces here, where both may be known.
var (
	_ broker.Store       = (*queue.Queue)(nil)
	_ broker.Access      = (*access.Access)(nil)
	_ gateway.Audit      = (*config.Store)(nil)
	_ gateway.Revisions  = (*config.Store)(nil)
	_ access.Store       = (*config.Store)(nil)
	_ pending.Store      = (*config.Store)(nil)
	_ alarms.Store       = (*config.Store)(nil)
	_ access.TokenStore  = (*config.Store)(nil)
	_ certificates.Store = (*config.Store)(nil)
	_ supervisor.Store   = (*config.Store)(nil)
	_ gateway.Control    = (*supervisor.Supervisor)(nil)
	_ gateway.Live       = (*live.Hub)(nil)
	_ gateway.History    = (*history.History)(nil)
)

// programOptions are what serve and demo decide differently.
type programOptions struct {
	settings settings
	logger   *slog.Logger
	// dial is how bridges reach their brokers.
	dial func(ctx context.Context, network, address string) (net.Conn, error)
	// anyPort replaces a taken port by a free one.
	anyPort bool
	// demo is the link that can be cut, nil in the service.
	demo *link
	// configure changes the stored configuration before anything runs; nil leaves it.
	configure func(gateway.Config) gateway.Config
}

// program is the running gateway: every part in the order of the data.
type program struct {
	programOptions
	parts *parts

	keeper  *keeper
	config  *config.Store
	queue   *queue.Queue
	history *history.History
	// historyAlarms are those of now: the file can be replaced at any time.
	historyAlarms func() []gateway.Alarm
	broker        *broker.Broker
	live          *live.Hub
	wires         *drivers.Wires
	memory        *memory.Memory
	supervisor    *supervisor.Supervisor
	access        *access.Access
	certificates  *certificates.Set
	pending       *pending.Changes
	alarms        *alarms.Journal
	monitor       *monitor
	backlogs      *backlogs
	circles       *bridge.Circles
	bridgeTests   *bridgeTests
	control       *controlSocket
	restoring     *restoring
	mqtt          net.Listener      // nil: off
	noSocket      error             // why there is no MQTT socket
	entrances     []broker.Listener // nobody is let in yet
	https, http   net.Listener      // nil: off
	token         string
	fingerprint   string
	runNumber     uint64
	extraLines    []extraLine
}

// openProgram opens all parts; what was opened is closed again when a later one fails.
func openProgram(ctx context.Context, options programOptions) (*program, error) {
	p := &program{programOptions: options, parts: newParts(), circles: bridge.NewCircles(), live: live.New(logLines)}
	if err := p.keepLog(); err != nil {
		return nil, err
	}
	steps := []func(context.Context) error{
		p.openStorage, p.openBroker, p.openGateway, p.serveMQTT, p.openControl, p.openWeb,
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, p.close())
		}
	}
	return p, nil
}

// close ends all parts in reverse, then closes the databases.
func (p *program) close() error {
	failures := []error{p.parts.Close()}
	for _, entrance := range p.entrances {
		failures = append(failures, entrance.Listener.Close())
	}
	if p.wires != nil {
		failures = append(failures, p.wires.Close())
	}
	if p.queue != nil {
		failures = append(failures, p.queue.Close())
	}
	if p.config != nil {
		failures = append(failures, p.config.Close())
	}
	if p.restoring != nil {
		failures = append(failures, p.restoring.forget())
	}
	if p.keeper != nil {
		failures = append(failures, p.keeper.Close())
	}
	return errors.Join(failures...)
}

func (p *program) openStorage(ctx context.Context) error {
	if err := p.completeRestore(); err != nil {
		return err
	}
	space, err := storage.OpenSpace(p.settings.Data, storage.SpaceOptions{
		Floor: int64(p.settings.FreeFloor) << 20, Logger: p.logger,
	})
	if err != nil {
		return err
	}
	store, err := config.Open(p.file("config.db"), config.Options{Space: space, Logger: p.logger})
	if err != nil {
		return err
	}
	p.config = store
	if err := p.undoPending(ctx); err != nil {
		return err
	}
	if p.runNumber, err = store.NextRun(ctx); err != nil {
		return fmt.Errorf("count the starts: %w", err)
	}
	if err := p.configureStored(ctx); err != nil {
		return err
	}
	p.queue, err = queue.Open(p.file("queue.db"), queue.Options{
		Durability: storage.Durability(p.settings.Durability), Linger: p.settings.Linger, Space: space,
		Clock: queue.Clock(systemClock()), Logger: p.logger,
	})
	if err != nil {
		return err
	}
	p.parts.Go("storage", p.queue.Run)
	p.openHistory()
	p.keeper.config, p.keeper.queue, p.keeper.copyHistory = p.config, p.queue, p.history.Backup
	return nil
}

func (p *program) configureStored(ctx context.Context) error {
	if p.configure == nil {
		return nil
	}
	stored, err := p.config.Load(ctx)
	if err != nil {
		return fmt.Errorf("load the configuration: %w", err)
	}
	next := p.configure(stored)
	if err := errors.Join(next.Validate(), drivers.Validate(next)); err != nil {
		return fmt.Errorf("check the demo's configuration: %w", err)
	}
	_, err = p.config.Save(ctx, next, "demo")
	return err
}

func (p *program) openBroker(ctx context.Context) error {
	var err error
	if p.token, err = setupToken(p.settings.Data); err != nil {
		return err
	}
	if err := p.openAccess(ctx); err != nil {
		return err
	}
	limits := p.settings.Queue.limits()
	p.settings.Limits.apply(&limits)
	p.broker = broker.New(broker.Options{
		Store: p.queue, Access: p.access, Logger: p.logger, Now: p.queue.Now, Limits: limits, LaneRules: laneRules,
	})
	if err := p.broker.Open(ctx); err != nil {
		return fmt.Errorf("load sessions: %w", err)
	}
	p.parts.Go("broker", p.broker.Run)
	// Before anybody can connect: whoever does so in the moment of a change is sent away.
	stored, err := p.config.Load(ctx)
	if err != nil {
		return fmt.Errorf("load the listeners: %w", err)
	}
	p.setListeners(stored)
	if err := p.openMQTTSocket(ctx); err != nil {
		return err
	}
	if p.mqtt, err = listen(ctx, "MQTT", p.settings.MQTT, p.anyPort); err != nil || p.mqtt == nil {
		return err
	}
	p.entrances = append(p.entrances, broker.Listener{Listener: p.mqtt, ID: gateway.LocalListener})
	return nil
}

func (p *program) openAccess(ctx context.Context) error {
	key, err := p.config.NameKey(ctx)
	if err != nil {
		return err
	}
	p.access, err = access.New(ctx, access.Options{
		Store: p.config, Tokens: p.config, SetupToken: p.token, NameKey: key, Logger: p.logger,
		// Nothing changes before everything is open: broker is set by then.
		Changed: func(ctx context.Context, change mqtt.AccessChange) error { return p.broker.Recheck(ctx, change) },
	})
	return err
}

// openMQTTSocket lets programs of the same user in without TCP. A second gateway of that user does without.
func (p *program) openMQTTSocket(ctx context.Context) error {
	if err := os.MkdirAll(p.settings.Runtime, 0o700); err != nil {
		return fmt.Errorf("make the runtime directory: %w", err)
	}
	listener, err := listenUnix(ctx, socketPath(p.settings))
	if isTaken(err) {
		p.logger.Warn("another gateway has the MQTT socket", "error", err)
		p.noSocket = err
		return nil
	}
	if err != nil {
		return err
	}
	p.entrances = append(p.entrances, broker.Listener{Listener: listener, ID: gateway.SocketListener})
	return nil
}

// serveMQTT lets clients in when the sessions of all bridges are there: what the first client publishes is for them too.
func (p *program) serveMQTT(context.Context) error {
	p.supervisor.Config() // waits until they are
	for _, entrance := range p.entrances {
		p.parts.Go("mqtt "+entrance.ID, func(ctx context.Context) error { return p.broker.Serve(ctx, entrance) })
	}
	p.entrances = nil
	return nil
}

func (p *program) openGateway(ctx context.Context) error {
	if err := p.removeOrphans(ctx); err != nil {
		return err
	}
	var err error
	p.certificates, err = certificates.Open(ctx, certificates.Options{
		Dir: p.file("tls"), Store: p.config, Names: machineNames, Page: p.settings.HTTPS != off, Clock: systemClock(), Logger: p.logger,
		// Nobody asks before everything is open: supervisor is set by then.
		Config: func() gateway.Config { return p.supervisor.Config() },
	})
	if err != nil {
		return err
	}
	p.parts.Go("certificates", p.certificates.Run)
	readings, err := p.broker.Session(ctx, "$drivers", broker.SessionOptions{Class: mqtt.Soon, Transient: true})
	if err != nil {
		return fmt.Errorf("open the drivers' session: %w", err)
	}
	if p.memory, err = memory.Open(ctx, p.config, p.logger); err != nil {
		return err
	}
	p.parts.Go("memory", p.memory.Run)
	p.wires = drivers.NewWires()
	p.supervisor = supervisor.New(supervisor.Options{
		Store:         p.config,
		Check:         drivers.Validate,
		CheckPoint:    drivers.CheckPoint,
		Open:          p.wires.Open,
		Plan:          drivers.Plan,
		Memory:        p.memory,
		Detect:        drivers.Detect,
		NewConnection: p.newConnection(readings),
		NewBridge:     p.newBridge,
		RemoveBridge:  func(ctx context.Context, id string) error { return p.broker.RemoveSession(ctx, bridgeSession(id)) },
		ClearRetained: func(ctx context.Context, topic string) error { return clearRetained(ctx, readings, topic) },
		OpenListener:  p.openListener,
		Configured:    p.configured,
		Logger:        p.logger,
	})
	p.parts.Go("gateway", p.supervisor.Run)
	if err := p.openAlarms(ctx); err != nil {
		return err
	}
	p.backlogs = newBacklogs(p.supervisor, p.broker, p.queue, p.settings.Queue.limits(), p.alarms.Held(), p.logger)
	p.parts.Go("backlogs", p.backlogs.Run)
	p.bridgeTests = newBridgeTests(p.supervisor.Config, bridge.Options{Dial: p.dial})
	started := time.Now()
	p.monitor = &monitor{
		started: started, demo: p.demo, durability: p.settings.Durability, queue: p.queue, broker: p.broker,
		machineZone: machine.Zone("/"), supervisor: p.supervisor, live: p.live, certificates: p.certificates, startUp: p.startUpStatus(started), backlogs: p.backlogs, history: p.history, historyAlarms: p.historyAlarms,
		alarms: append(storageAlarms(p.file("queue.db"), p.queue.Recovered(), started, p.logger),
			storageAlarms(p.file("config.db"), p.config.Recovered(), started, p.logger)...),
		restored: p.lastRestore(), journal: p.alarms,
	}
	p.parts.Go("alarms", p.alarms.Run)
	return nil
}

// file is a file of the data directory.
func (p *program) file(name string) string { return filepath.Join(p.settings.Data, name) }

func (p *program) newConnection(readings mqtt.Session) func(gateway.Config, gateway.Connection, []gateway.Device) supervisor.ConnectionRunner {
	numbers := poller.NewNumbers()
	return func(config gateway.Config, connection gateway.Connection, devices []gateway.Device) supervisor.ConnectionRunner {
		polled := poller.New(poller.Options{
			Connection: connection, Devices: devices, Interval: config.Interval, GatewayName: config.Name,
			Run: p.runNumber, Numbers: numbers, Settling: p.settings.Linger + settling,
			Open: p.wires.Open, Publisher: readings, Live: observers{p.live, p.history}, Memory: p.memory, Logger: p.logger,
		})
		return shareWire(polled, connection.Proxy, p.logger.With("connection", connection.ID))
	}
}

// settling is what a commit may take on a slow card, beside the linger.
const settling = 5 * time.Second

func (p *program) openControl(ctx context.Context) error {
	control, err := openControlSocket(ctx, p.settings.Runtime, socketName(p.demo != nil))
	if err != nil {
		return err
	}
	p.control = control
	handle(control, "setup", func(context.Context, struct{}) ([]string, error) {
		return append(p.pageLinks(), p.fingerprints()...), nil
	})
	handle(control, "status", func(context.Context, struct{}) (gateway.Status, error) { return p.monitor.Status(), nil })
	if p.demo != nil {
		handle(control, "outage", func(ctx context.Context, d gateway.Duration) (struct{}, error) {
			return struct{}{}, p.demo.Outage(ctx, time.Duration(d))
		})
	}
	p.restoring = &restoring{keeper: p.keeper}
	if p.demo == nil {
		p.restoring.restart = func() { p.parts.fail(errRestart) }
	}
	control.handleBackup(p.restoring)
	control.handleUsers(p.access, p.config, p.logger)
	control.handleCertificates(p.certificates)
	control.handleBridges(p.backlogs, p.bridgeTests)
	control.handleBridgeCertificates(&bridgeCertificates{p.backlogs, p.bridgeTests, p.certificates})
	control.handleFrames(p.supervisor.Config, p.wires)
	p.parts.Go("control", control.Run)
	return nil
}

func (p *program) openWeb(ctx context.Context) error {
	p.openPending()
	messages, err := newMessages(ctx, p.broker)
	if err != nil {
		return err
	}
	options := web.Options{
		Control: p.supervisor, Alarms: p.alarms, Revisions: p.config, Audit: p.config, Exploration: p.supervisor, Tracing: p.wires, Profiles: drivers.Profiles{}, Backlogs: p.backlogs, BridgeTests: p.bridgeTests, RoutePreviews: routePreviews{p.supervisor.Config, p.broker}, ClientCertificates: p.certificates, Clients: clients{p.broker}, Monitor: p.monitor, Live: p.live, History: p.history, Access: p.access, Users: p.access, Logins: p.access, Tokens: p.access,
		Messages: messages, Parking: p.backlogs, Learned: p.supervisor,
		Pending:   p.pending,
		MQTTUsers: p.access, Backups: p.restoring, PublicView: p.demo != nil,
		Metrics: metrics.Handler(p.monitor), SerialPorts: drivers.SerialPorts, CA: p.certificates.CA(), Certificates: p.certificates,
		Machine: machine.New("/", p.settings.Data, systemClock()), Logs: p.live.Logs(), Logger: p.logger, UI: ui.Handler(web.ContentSecurityPolicy),
	}
	if p.demo != nil {
		options.Demo = p.demo
	}
	server := web.New(options)
	if p.http, err = listen(ctx, "the page", p.settings.HTTP, p.anyPort); err != nil {
		return err
	}
	if p.http != nil {
		p.parts.Go("page", func(ctx context.Context) error { return server.Serve(ctx, p.http) })
	}
	return p.openHTTPS(ctx, server)
}
