// The words of gateway/*.go, as the generated schema has them.
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Config = Schemas["Config"];
export type Certificate = Schemas["Certificate"];
export type CertificateEdit = Schemas["CertificateEdit"];
export type Listener = Schemas["Listener"];
export type ListenerStatus = Schemas["ListenerStatus"];
export type LocalLogin = Schemas["LocalLogin"];
export type Connection = Schemas["Connection"];
export type Device = Schemas["Device"];
export type Point = Schemas["Point"];
export type Bridge = Schemas["Bridge"];
export type BridgeIdentity = Omit<Schemas["BridgeIdentity"], "$schema">;
export type BridgeOrder = Omit<Schemas["BridgeEdit"], "$schema">;
export type RoutePreview = Schemas["RoutePreview"];
export type BridgePace = Schemas["BridgePace"];
export type BridgeTest = Schemas["BridgeTest"];
export type BridgePreset = Schemas["BridgePreset"];
export type Backlog = Schemas["Backlog"];
export type BacklogCourse = Schemas["BacklogCourse"];
export type BacklogSample = Schemas["BacklogSample"];
export type ParkedMessage = Schemas["ParkedMessage"];
export type Frame = Schemas["Frame"];
export type FramePage = Schemas["FramePage"];
export type ModbusFrame = Schemas["ModbusFrame"];
export type LogLine = Schemas["LogLine"];
export type System = Schemas["System"];
export type Route = Schemas["Route"];
export type ScanClass = Schemas["ScanClass"];
export type Status = Schemas["Status"];
export type Alarm = Schemas["Alarm"];
export type ConnectionStatus = Schemas["ConnectionStatus"];
export type DeviceStatus = Schemas["DeviceStatus"];
export type BridgeStatus = Schemas["BridgeStatus"];
export type SessionStatus = Schemas["SessionStatus"];
export type SessionDetail = Schemas["SessionDetail"];
export type BrokerMessage = Schemas["BrokerMessage"];
export type TopicLevel = Schemas["TopicLevel"];
export type PendingChange = Schemas["PendingChange"];
export type GivenUp = Schemas["GivenUp"];
export type Past = Schemas["Past"];
export type Bucket = Schemas["Bucket"];
export type Reading = Schemas["Reading"];

export type Change = Schemas["Change"];
export type FieldChange = Schemas["FieldChange"];
export type AuditEntry = Schemas["AuditEntry"];
export type DevicePreview = Schemas["DevicePreview"];
export type Plan = Schemas["Plan"];
export type Preview = Schemas["Preview"];
export type Person = Schemas["Person"];
export type MQTTUser = Schemas["MQTTUser"];
export type MQTTRights = Schemas["MQTTRights"];
export type MQTTPreset = Schemas["MQTTPreset"];
export type MQTTQuestion = Schemas["MQTTQuestion"];
export type MQTTAnswer = Schemas["MQTTAnswer"];
export type Rule = Schemas["Rule"];
export type Token = Schemas["Token"];
export type NewToken = Schemas["NewToken"];
export type Scope = NewToken["scope"];

export type BackupOrder = Schemas["BackupOrder"];
export type RestorePlan = Schemas["RestorePlan"];

export type Profile = Schemas["Profile"];
export type ProfileRef = Schemas["ProfileRef"];
export type ProfileSummary = Schemas["ProfileSummary"];
export type ProfileDetail = Schemas["ProfileDetail"];
export type ProfilePreview = Schemas["ProfilePreview"];
export type ProfileSource = Schemas["ProfileSource"];
export type DeviceBatch = Schemas["DeviceBatch"];
export type FoundUnit = Schemas["FoundUnit"];
export type FoundLine = Schemas["FoundLine"];
export type Identified = Schemas["Identified"];
export type SerialPort = Schemas["SerialPort"];

export type Range = Schemas["Range"];
export type Place = Schemas["Place"];
export type Meaning = Schemas["Meaning"];

export type Value = Reading["value"];
export type Quality = Reading["quality"];
export type State = DeviceStatus["state"];
export type Type = Point["type"];
export type Encoding = NonNullable<NonNullable<Point["decoding"]>["encoding"]>;
export type Role = Schemas["User"]["role"] | "";
